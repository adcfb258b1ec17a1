import { toHex } from "@menshen/crypto";
import { fillText, StateMark } from "@menshen/ui";
import type { PhonePassRecord } from "@menshen/wire";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useMe } from "../api/answers.ts";
import { ApiError } from "../api/client.ts";
import { clockAheadS, onClockNews } from "../api/server-clock.ts";
import type { Answer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import type { HeldPhonePass } from "../device/device-store.ts";
import { useTexts } from "../i18n/texts.ts";
import { AskTwice } from "../layout/ask-twice.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Problem } from "../layout/notices.tsx";
import { DoorAsksPage } from "./door-asks.tsx";
import { makePhonePass, own, removePhonePass } from "./phone-key.ts";
import { RotatingCode } from "./rotating-code.tsx";
import { useDoors, useHeldPass, usePhonePasses } from "./use-phone-pass.ts";

/** A pass that waits for the public log is asked after this often. */
const ASK_EVERY_MS = 3_000;

/** The phone pass: made here, shown here, ended here. */
export function PassPage(props: { part: string | undefined }) {
  const { isReading, held, refresh } = useHeldPass();
  const doors = useDoors();
  const passes = usePhonePasses();
  if (isReading) return <Loading />;
  if (held === undefined) {
    const look = async () => {
      await refresh();
      passes.again();
      doors.again();
    };
    return <MakePass onMade={look} passes={passes} />;
  }
  if (props.part === "door") return <DoorAsksPage held={held} doors={doors.value?.doors ?? []} />;
  const names = [...new Set(doors.value?.doors.map(({ name }) => name))];
  return <ShowPass held={held} passes={passes} doorNames={names} onGone={refresh} />;
}

function MakePass(props: { onMade: () => Promise<void>; passes: Answer<readonly PhonePassRecord[]> }) {
  const t = useTexts();
  const { store, owner } = useOwned();
  const me = useMe();
  const [label, setLabel] = useState(t.pass.make.defaultName);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const personId = me.value?.personId;

  async function make() {
    if (personId === undefined) return;
    setIsBusy(true);
    setFailure(undefined);
    try {
      await makePhonePass(store, owner, { personId, label: label.trim() });
      await props.onMade();
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "no-key");
    }
    setIsBusy(false);
  }

  return (
    <>
      <p>{t.pass.make.lead}</p>
      <ul className="reasons">
        {t.pass.make.points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      {failure === undefined ? null : <Problem code={failure === "conflict" ? "too-many-phones" : failure} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <div className="plain-field">
          <label htmlFor="pass-name">{t.pass.make.name}</label>
          <input
            id="pass-name"
            value={label}
            maxLength={40}
            required
            onChange={(event) => setLabel(event.target.value)}
          />
        </div>
        <div className="plain-actions">
          <button
            type="submit"
            className="plain-button plain-button--main"
            disabled={isBusy || personId === undefined || label.trim() === ""}
          >
            {t.pass.make.submit}
          </button>
        </div>
      </form>
      <p className="plain-quiet">{t.pass.make.honest}</p>
      <OtherPhones passes={props.passes} held={undefined} />
    </>
  );
}

function ShowPass(props: {
  held: HeldPhonePass;
  passes: Answer<readonly PhonePassRecord[]>;
  doorNames: readonly string[];
  onGone: () => Promise<void>;
}) {
  const t = useTexts();
  const moments = useMoments();
  const { held, passes, doorNames } = props;
  const record = own(passes.value ?? [], held);
  const isWaiting = record !== undefined && record.log !== "published";
  const { again } = passes;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(again, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isWaiting, again]);
  const isEnded = passes.value !== undefined && !passes.isOld && record === undefined;
  return (
    <>
      {isEnded ? <p className="plain-notice plain-notice--due">{t.pass.ended}</p> : null}
      {record?.state === "blocked" ? (
        <p className="plain-notice plain-notice--due">{t.pass.blocked}</p>
      ) : null}
      {isWaiting ? (
        <div className="plain-notice" role="status">
          <p>
            <StateMark tone="quiet">{t.pass.log[record.log]}</StateMark>
          </p>
        </div>
      ) : null}
      <ClockWarning />
      <RotatingCode held={held} />
      <p className="pass-hint">{t.pass.hint}</p>
      <div className="plain-actions plain-actions--centre">
        <a className="plain-button" href="#/pass/door">
          {t.pass.asks.start}
        </a>
      </div>
      <h2>{t.pass.facts.title}</h2>
      <dl className="plain-facts">
        <dt>{t.pass.facts.phone}</dt>
        <dd>{held.label}</dd>
        {doorNames.length === 0 ? null : (
          <>
            <dt>{t.pass.facts.doors}</dt>
            <dd>{doorNames.join(t.common.separator)}</dd>
          </>
        )}
        {held.enrolledAt === undefined ? null : (
          <>
            <dt>{t.pass.facts.since}</dt>
            <dd>{moments.moment(held.enrolledAt)}</dd>
          </>
        )}
      </dl>
      <RemovePass held={held} onGone={props.onGone} />
      <OtherPhones passes={passes} held={held} />
    </>
  );
}

/** A clock that is wrong by more than four seconds makes codes that gates refuse. */
function ClockWarning() {
  const t = useTexts();
  const aheadS = useSyncExternalStore(onClockNews, clockAheadS);
  if (aheadS === 0) return null;
  const words = aheadS > 0 ? t.pass.clock.ahead : t.pass.clock.behind;
  return (
    <div role="alert" className="plain-notice plain-notice--due">
      <p>
        <strong>{fillText(words, { count: Math.abs(aheadS) })}</strong>
      </p>
      <p>{t.pass.clock.help}</p>
    </div>
  );
}

function RemovePass(props: { held: HeldPhonePass; onGone: () => Promise<void> }) {
  const t = useTexts();
  const { store, owner } = useOwned();
  const [failure, setFailure] = useState<string>();

  async function remove() {
    setFailure(undefined);
    try {
      await removePhonePass(owner, toHex(props.held.credentialKey));
      await store.dropPhonePass();
      await props.onGone();
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "internal");
    }
  }

  return (
    <>
      {failure === undefined ? null : <Problem code={failure} />}
      <AskTwice
        label={t.pass.remove.start}
        confirm={t.pass.remove.confirm}
        help={t.pass.remove.help}
        onConfirm={() => void remove()}
      />
    </>
  );
}

/** One's passes on other telephones: a lost one is ended from here. */
function OtherPhones(props: { passes: Answer<readonly PhonePassRecord[]>; held: HeldPhonePass | undefined }) {
  const t = useTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const [failure, setFailure] = useState<string>();
  const { held, passes } = props;
  const others = (passes.value ?? []).filter(
    ({ credentialKey }) => held === undefined || credentialKey !== toHex(held.credentialKey),
  );
  if (others.length === 0) return null;

  async function end(credentialKey: string) {
    setFailure(undefined);
    try {
      await removePhonePass(owner, credentialKey);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "internal");
    }
    passes.again();
  }

  return (
    <>
      <h2>{t.pass.others.title}</h2>
      {failure === undefined ? null : <Problem code={failure} />}
      <ul className="plain-list">
        {others.map((pass) => (
          <li key={pass.credentialKey} className="other-phone">
            <span>
              {pass.label}
              <span className="plain-quiet other-phone__since">{moments.moment(pass.enrolledAt)}</span>
            </span>
            <button type="button" className="plain-link" onClick={() => void end(pass.credentialKey)}>
              {t.pass.others.end}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
