import "./consents.css";
import { CONSENT_PURPOSE_TEXTS, canonicalJson } from "@menshen/domain";
import { fillText, StateMark, type StateTone } from "@menshen/ui";
import {
  type ConsentRecord,
  type ConsentState,
  type PublishedNotice,
  residentConsentEndpoints,
} from "@menshen/wire";
import { type ReactNode, useState } from "react";
import { useMe } from "../api/answers.ts";
import { ApiError, call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { give, isWhatItSays, withdraw } from "./decide.ts";
import { NoticeFacts } from "./notice-facts.tsx";
import { OwnContact } from "./own-contact.tsx";
import { ReceiptView } from "./receipt-view.tsx";
import { saveFile } from "./save-file.ts";
import { useConsentTexts, useOwnLanguage } from "./use-consent-texts.ts";

const askConsents = () => call(residentConsentEndpoints.list, {});
const TONES: Readonly<Record<ConsentState | "none", StateTone>> = {
  none: "quiet",
  waiting: "quiet",
  "in-force": "granted",
  suspended: "refused",
  ended: "quiet",
  withdrawn: "quiet",
  replaced: "quiet",
};

/** What one is asked, one thing at a time; agreed to and withdrawn by one press each, with a receipt. */
export function ConsentsPage() {
  const c = useConsentTexts();
  const own = useOwnLanguage();
  const moments = useMoments();
  const { owner } = useOwned();
  const me = useMe();
  const asked = useAnswer("consents", askConsents);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<string>();
  const { value } = asked;

  async function change(what: () => Promise<void>, done: string) {
    setFailure(undefined);
    try {
      await what();
      setSaid(done);
    } catch (error) {
      setSaid("");
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    asked.again();
  }

  async function saveAll() {
    const all = await withSession(owner, () => call(residentConsentEndpoints.export, {}));
    saveFile("menshen-consents.json", canonicalJson(all));
  }

  const personId = me.value?.personId;
  const nameOf = ({ purpose }: { purpose: ConsentRecord["purpose"] }) => own(CONSENT_PURPOSE_TEXTS[purpose]);

  function asks(subject: string, records: readonly ConsentRecord[], mayGive: boolean): ReactNode {
    return value?.notices.map((notice) => {
      const record = records.find(({ seriesId }) => seriesId === notice.seriesId);
      const isContact = subject === personId && notice.purpose === "service-contact";
      return (
        <OneAsk
          key={notice.id}
          notice={notice}
          record={record}
          name={nameOf(notice)}
          mayGive={mayGive}
          onGive={() =>
            change(
              async () => {
                if (personId !== undefined) await give(owner, personId, subject, notice);
              },
              fillText(c.given, { name: nameOf(notice) }),
            )
          }
          onWithdraw={(recordId) =>
            change(() => withdraw(owner, recordId), fillText(c.gone, { name: nameOf(notice) }))
          }
        >
          {isContact && record?.state === "in-force" ? (
            <OwnContact contact={value.contact} onChanged={asked.again} />
          ) : null}
        </OneAsk>
      );
    });
  }

  const current = new Set(
    value?.notices.flatMap(({ seriesId }) => {
      const newest = value.records.find((record) => record.seriesId === seriesId);
      return newest === undefined ? [] : [newest.recordId];
    }),
  );
  const before = value?.records.filter(({ recordId }) => !current.has(recordId)) ?? [];

  return (
    <>
      <p>{c.lead}</p>
      <p role="status" className="consent-said">
        {said}
      </p>
      {failure === undefined ? null : failure === "stale-revision" ? (
        <p role="alert">{c.changed}</p>
      ) : (
        <Problem code={failure} />
      )}
      {asked.failure === undefined ? null : <Problem code={asked.failure} onRetry={asked.again} />}
      {value === undefined && asked.isAsking ? <Loading /> : null}
      {value?.notices.length === 0 ? <Nothing title={c.none}>{c.noneHelp}</Nothing> : null}
      {value?.guardianUntil === undefined ? null : (
        <p className="plain-notice">{fillText(c.guardian, { when: value.guardianUntil })}</p>
      )}
      {value === undefined || personId === undefined
        ? null
        : asks(personId, value.records, value.guardianUntil === undefined && !asked.isOld)}
      {value?.wards.map((ward) => (
        <section key={ward.personId} className="consent-child">
          <h2>{fillText(c.child, { name: ward.displayName })}</h2>
          {asks(ward.personId, ward.records, !asked.isOld)}
        </section>
      ))}
      {before.length === 0 ? null : (
        <section aria-labelledby="consents-before">
          <h2 id="consents-before">{c.history}</h2>
          <ul className="plain-list">
            {before.map((record) => (
              <li key={record.recordId}>
                <p>
                  <strong>{nameOf(record)}</strong> · {moments.moment(record.enteredAt)}
                </p>
                <StateMark tone={TONES[record.state]}>{c.state[record.state]}</StateMark>
                <Receipts record={record} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {value === undefined || value.records.length === 0 ? null : (
        <section className="plain-no-print">
          <p className="plain-quiet">{c.exportHelp}</p>
          <div className="plain-actions">
            <button
              type="button"
              className="plain-button"
              onClick={() => void saveAll().catch(() => setFailure("unreachable"))}
            >
              {c.export}
            </button>
            <button type="button" className="plain-button" onClick={() => print()}>
              {c.print}
            </button>
          </div>
        </section>
      )}
    </>
  );
}

function OneAsk(props: {
  notice: PublishedNotice;
  record: ConsentRecord | undefined;
  name: string;
  /** Nobody decides from an old answer, nor a child for itself. */
  mayGive: boolean;
  onGive: () => Promise<void>;
  onWithdraw: (recordId: string) => Promise<void>;
  children: ReactNode;
}) {
  const c = useConsentTexts();
  const own = useOwnLanguage();
  const moments = useMoments();
  const [isBusy, setIsBusy] = useState(false);
  const { notice, record, name, mayGive, onGive, onWithdraw } = props;
  const state = record?.state ?? "none";
  const holds = state === "in-force" || state === "waiting";
  const isSound = isWhatItSays(notice);
  const run = (what: () => Promise<void>) => {
    setIsBusy(true);
    void what().finally(() => setIsBusy(false));
  };
  return (
    <section className="consent" aria-label={name}>
      <h2>{name}</h2>
      <p>
        <StateMark tone={TONES[state]}>{c.state[state]}</StateMark>{" "}
        {record?.givenAt === undefined || !holds ? null : (
          <span className="plain-quiet">{fillText(c.since, { when: moments.moment(record.givenAt) })}</span>
        )}
      </p>
      {holds ? (
        <>
          <p className="plain-quiet">{own(notice.texts.why)}</p>
          <details>
            <summary>{c.read}</summary>
            <NoticeFacts notice={notice} />
          </details>
        </>
      ) : (
        // What somebody agrees to stands before them, whole.
        <NoticeFacts notice={notice} />
      )}
      {isSound ? null : <p role="alert">{c.wrongHash}</p>}
      <div className="plain-actions plain-no-print">
        {holds && record !== undefined ? (
          <button
            type="button"
            className="plain-button"
            disabled={isBusy}
            onClick={() => run(() => onWithdraw(record.recordId))}
          >
            {c.withdraw}
          </button>
        ) : (
          <button
            type="button"
            className="plain-button"
            disabled={isBusy || !isSound || !mayGive}
            onClick={() => run(onGive)}
          >
            {c.give}
          </button>
        )}
      </div>
      {props.children}
      {record === undefined ? null : <Receipts record={record} />}
    </section>
  );
}

function Receipts(props: { record: ConsentRecord }) {
  const c = useConsentTexts();
  const { receipt, withdrawalReceipt } = props.record;
  return (
    <>
      {receipt === undefined ? null : (
        <details>
          <summary>{c.receipt}</summary>
          <ReceiptView title={c.receipt} kept={receipt} />
        </details>
      )}
      {withdrawalReceipt === undefined ? null : (
        <details>
          <summary>{c.withdrawalReceipt}</summary>
          <ReceiptView title={c.withdrawalReceipt} kept={withdrawalReceipt} />
        </details>
      )}
    </>
  );
}
