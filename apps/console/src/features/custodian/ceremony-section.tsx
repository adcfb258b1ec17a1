import { type CustodianSet, isBallotKey } from "@menshen/custody";
import { StateMark } from "@menshen/ui";
import type { CeremonyView } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useBodyName } from "../openings/opening-state.tsx";
import type { CeremonyProgress } from "./ceremony-board.ts";
import { useDesk } from "./desk-context.tsx";
import { type KeyMaking, useKeyMaking } from "./make-keys.tsx";
import { useDeskMoment } from "./use-desk-moment.ts";
import type { Standing } from "./use-standing.ts";

/** Names of custodians by their indices. */
function useNames(set: CustodianSet): (indices: readonly number[]) => string {
  const { t } = useTranslation();
  const bodyName = useBodyName();
  return (indices) =>
    indices
      .map((index) => set.members[index - 1]?.body)
      .flatMap((body) => (body === undefined ? [] : [bodyName(body)]))
      .join(t("common.comma"));
}

/** Making keys with the others: calling them, what happens now, and how it ended. */
export function CeremonySection(props: { set: CustodianSet; index: number; standing: Standing }) {
  const { t } = useTranslation("custodian");
  const { making, attend } = useKeyMaking();
  const { set, index } = props;
  const { ceremony, lastCeremony } = props.standing.shown ?? {};
  const isAttending = making.is === "attending";
  const isForVote = ceremony?.motionId !== undefined;
  const begin = () => attend(set, index);
  const failed = making.is === "broken" || (making.is === "ended" && !making.attendance.finished);
  const label = ceremony?.state === "gathering" ? "join" : failed ? "again" : "start";
  return (
    <section className="section" aria-labelledby="ceremony">
      <h2 id="ceremony">{t("ceremony.title")}</h2>
      <p className="quiet">{t("ceremony.lead")}</p>
      {ceremony?.state === "gathering" && !isAttending ? (
        <p>{t(isForVote ? "votes.gathering" : "ceremony.gathering")}</p>
      ) : null}
      {ceremony?.state === "running" && !isAttending ? <p>{t("ceremony.running")}</p> : null}
      <div aria-live="polite">
        {isAttending ? <Progress set={set} progress={making.progress} /> : null}
        <Ending set={set} making={making} />
      </div>
      {making.is === "idle" && lastCeremony?.state === "failed" ? (
        <LastFailure ceremony={lastCeremony} set={set} />
      ) : null}
      {isAttending || ceremony?.state === "running" || isForVote ? null : (
        <Button type={ceremony?.state === "gathering" ? "primary" : "default"} onClick={begin}>
          {t(`ceremony.${label}`)}
        </Button>
      )}
    </section>
  );
}

function Progress(props: { set: CustodianSet; progress: CeremonyProgress | undefined }) {
  const { t } = useTranslation("custodian");
  const names = useNames(props.set);
  const all = props.set.members.map((_, position) => position + 1);
  const none: CeremonyProgress = {
    state: "gathering",
    seated: [],
    contributed: [],
    confirmed: [],
    vouched: [],
  };
  const { seated, contributed, confirmed, vouched } = props.progress ?? none;
  const steps = [
    ["seat", seated],
    ["contribute", contributed],
    ["confirm", confirmed],
    ["vouch", vouched],
  ] as const;
  const current = steps.findIndex(([, done]) => done.length < all.length);
  return (
    <>
      <ol className="stages">
        {steps.map(([name, done], position) => {
          const missing = all.filter((one) => !done.includes(one));
          const step = missing.length === 0 ? "done" : position === current ? "now" : "later";
          return (
            <li
              key={name}
              className={`stages__step stages__step--${step}`}
              aria-current={step === "now" ? "step" : undefined}
            >
              <p className="stages__name">
                <strong>{t(`ceremony.steps.${name}`)}</strong>
                {step === "done" ? <StateMark tone="granted">{t("ceremony.done")}</StateMark> : null}
              </p>
              {step === "now" ? (
                <p className="quiet">{t("ceremony.waitingFor", { names: names(missing) })}</p>
              ) : null}
            </li>
          );
        })}
      </ol>
      <p>{t("ceremony.keepOpen")}</p>
    </>
  );
}

function Ending(props: { set: CustodianSet; making: KeyMaking }) {
  const { t } = useTranslation("custodian");
  const desk = useDesk();
  const { set, making } = props;
  if (making.is === "broken") {
    return (
      <Failure set={set} reason="broken" custodians={[]} hasStored={desk.contents().shares.length > 0} />
    );
  }
  if (making.is !== "ended") return null;
  const { attendance } = making;
  if (!attendance.finished) {
    const { reason, custodians } = attendance;
    return <Failure set={set} reason={reason} custodians={custodians} hasStored={reason === "unvouched"} />;
  }
  const epochs = attendance.outcome.keys.map(({ epoch }) => epoch);
  return (
    <p>
      <StateMark tone="granted">{t("ceremony.done")}</StateMark>{" "}
      {attendance.outcome.keys.some(isBallotKey)
        ? t("votes.keyMade")
        : t("ceremony.finished", { from: Math.min(...epochs), until: Math.max(...epochs) })}
    </p>
  );
}

type Reason =
  | Extract<Attendance, { finished: false }>["reason"]
  | NonNullable<CeremonyView["failure"]>
  | "broken";
type Attendance = Extract<KeyMaking, { is: "ended" }>["attendance"];

/** What somebody has to be asked, or told, before keys are made again. */
const NEXT: Readonly<Record<Reason, "again" | "talk" | "server">> = {
  vanished: "again",
  absent: "again",
  unvouched: "again",
  "called-off": "again",
  broken: "again",
  stopped: "again",
  "unusable-keys": "again",
  malformed: "talk",
  "possession-unproved": "talk",
  "bad-share": "talk",
  "false-complaint": "talk",
  equivocated: "talk",
  "views-differ": "talk",
  unconfirmed: "talk",
  disagreed: "talk",
  "seat-forged": "server",
  "seat-disputed": "server",
};

function Failure(props: {
  set: CustodianSet;
  reason: Reason;
  custodians: readonly number[];
  hasStored: boolean;
}) {
  const { t } = useTranslation("custodian");
  const nameAll = useNames(props.set);
  const names = nameAll(props.custodians) || t("ceremony.somebody");
  return (
    <div className="desk-failure">
      <p>
        <StateMark tone="refused">{t("ceremony.failed")}</StateMark>
      </p>
      <p>{t(`ceremony.reason.${props.reason}`, { names })}</p>
      <p>{t(`ceremony.next.${NEXT[props.reason]}`)}</p>
      {props.hasStored ? <p className="quiet">{t("ceremony.stored")}</p> : null}
    </div>
  );
}

/** How the last attempt ended by the server's word, for whoever was not there. */
function LastFailure(props: { ceremony: CeremonyView; set: CustodianSet }) {
  const { t } = useTranslation("custodian");
  const moment = useDeskMoment();
  const { endedAt, failure, named, startedAt } = props.ceremony;
  if (failure === undefined) return null;
  return (
    <>
      <p className="quiet">{t("ceremony.boardSays", { time: moment(endedAt ?? startedAt) })}</p>
      <Failure
        set={props.set}
        reason={failure}
        custodians={named.map(({ index }) => index)}
        hasStored={false}
      />
    </>
  );
}
