import { custodianRefusalText, type RequestRefusal } from "@menshen/custody";
import {
  DomainError,
  type OpeningStatement,
  parseCanonicalJson,
  parseOpeningStatement,
} from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import type { CustodianOpening } from "@menshen/wire";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "../../components/moments.tsx";
import { usePreferences } from "../../preferences.tsx";
import { useBodyName, useTimeLeft } from "../openings/opening-state.tsx";
import { CHECKS, type Check, checklistOf } from "./checklist.ts";
import { useContents } from "./desk-context.tsx";
import { useDeskMoment } from "./use-desk-moment.ts";

/** The statement that stands in the log; the server's own fields about the request are not shown in its place. */
function statementOf(text: string): OpeningStatement | undefined {
  try {
    const result = parseOpeningStatement(parseCanonicalJson(text));
    return result.parsed ? result.statement : undefined;
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

/** Who asks for what, until when, in words. */
export function RequestFacts(props: { opening: CustodianOpening }) {
  const { t } = useTranslation("custodian");
  const { t: words } = useTranslation("openings");
  const moment = useDeskMoment();
  const timeLeft = useTimeLeft();
  const now = useNow(15_000);
  const { opening } = props;
  const statement = statementOf(opening.statement);
  if (statement === undefined) return <h1>{t("requests.unreadable")}</h1>;
  const { authority, deadline, documentNumber, documentSha256, extension, purpose } = statement;
  const leftMs = deadline - now;
  const doors = (
    <>
      <ul className="door-names">
        {statement.accessPointIds.map((id) => (
          <li key={id}>
            <strong>{opening.doorNames?.find((door) => door.id === id)?.name ?? id}</strong>
          </li>
        ))}
      </ul>
      <span className="quiet">{t("requests.doorsHelp")}</span>
    </>
  );
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t("requests.authority"), authority],
    [t("requests.document"), documentNumber ?? t("requests.noDocument")],
    ...(documentSha256 === undefined ? [] : [[t("requests.fingerprint"), documentSha256] as const]),
    [t("requests.doors"), doors],
    [t("requests.window"), `${moment(statement.from)} – ${moment(statement.until)}`],
    [t("requests.purpose"), words(`purposeOf.${purpose}`)],
    [t("requests.cap"), t("requests.entries", { count: statement.entryCap })],
    ...(extension === undefined ? [] : [[t("requests.extension"), extension.reason] as const]),
    ...(statement.holdUntil === undefined
      ? []
      : [[t("requests.holdUntil"), moment(statement.holdUntil)] as const]),
    ...(statement.heldBy === undefined ? [] : [[t("requests.fromHold"), statement.heldBy] as const]),
    [t("requests.deadline"), moment(deadline)],
    [t("requests.seal"), moment(statement.sealUntil)],
  ];
  return (
    <>
      <h1>
        {t(statement.holdUntil === undefined ? "requests.sentence" : "requests.sentenceHold", {
          authority,
          purpose: words(`purposeOf.${purpose}`),
        })}
      </h1>
      <p className="request-clock">
        {statement.path === "emergency" ? (
          <StateMark tone="alarm">{t("requests.emergency")}</StateMark>
        ) : null}{" "}
        <strong>{leftMs > 0 ? t("requests.left", { time: timeLeft(leftMs) }) : t("requests.over")}</strong>
      </p>
      <dl className="fact-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

const MARKS = { held: "granted", failed: "refused", open: "quiet" } as const;

/** What the program looked at, one by one: held, failed and why, or not come to. */
export function Checklist(props: { refusal: RequestRefusal | undefined }) {
  const { t } = useTranslation("custodian");
  const { language } = usePreferences();
  // Nobody signed where nobody had to: that is no tick.
  const { quorum } = useContents().log;
  const { refusal } = props;
  const results = checklistOf(refusal);
  const wrong = (check: Check) =>
    results[check] === "failed" && refusal !== undefined
      ? custodianRefusalText(refusal, language)
      : undefined;
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">{t("requests.checksTitle")}</h2>
      <ul className="checklist">
        {CHECKS.map((check) => (
          <li key={check}>
            {check === "witnesses" && quorum === 0 && results[check] === "held" ? (
              <StateMark tone="quiet">{t("requests.noWitnesses")}</StateMark>
            ) : (
              <StateMark tone={MARKS[results[check]]}>{t(`requests.check.${check}`)}</StateMark>
            )}
            {results[check] === "open" ? <span className="quiet">{t("requests.notChecked")}</span> : null}
            {wrong(check) === undefined ? null : <span>{wrong(check)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who has answered what. */
export function Answers(props: { opening: CustodianOpening }) {
  const { t } = useTranslation("custodian");
  const { t: words } = useTranslation("openings");
  const bodyName = useBodyName();
  const { custodians, path } = props.opening;
  const standing = (onCall: boolean, isLate: boolean) =>
    isLate ? "late" : path === "emergency" && !onCall ? "notCalled" : "waiting";
  return (
    <section className="section" aria-labelledby="answers">
      <h2 id="answers">{t("requests.others")}</h2>
      <ul className="plain-list">
        {custodians.map(({ index, body, answeredCount, onCall, refused, lateAt }) => (
          <li key={index}>
            <span>{bodyName(body)}</span>
            {refused !== undefined ? (
              <StateMark tone="refused">
                {words("detail.custodian.refused", { reason: words(`refusalOf.${refused}`) })}
              </StateMark>
            ) : answeredCount > 0 ? (
              <StateMark tone="granted">{words("detail.custodian.yes")}</StateMark>
            ) : (
              <StateMark tone={lateAt === undefined ? "quiet" : "refused"}>
                {words(`detail.custodian.${standing(onCall, lateAt !== undefined)}`)}
              </StateMark>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
