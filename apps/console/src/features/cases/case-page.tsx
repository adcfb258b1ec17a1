import { type CaseDetail, caseEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { CopiedCardSection } from "../market/copied-card.tsx";
import { useDoorNames } from "../openings/door-names.ts";
import { CaseActions } from "./case-actions.tsx";
import { CaseAppeals } from "./case-appeals.tsx";
import { CaseEvidence } from "./case-evidence.tsx";
import { CaseTaps } from "./case-taps.tsx";
import { cardText, inputTexts, ruleText, usePercent } from "./case-words.ts";

const RENEW_MS = 10_000;

/** One case: what was seen, both halves, what was decided and what may be. */
export function CasePage() {
  const { t: text } = useTranslation("cases");
  const { id = "" } = useParams();
  const mayHandle = useMay("cases.handle");
  const percent = usePercent();
  const read = useQuery({
    queryKey: [caseEndpoints.get.id, id],
    queryFn: ({ signal }) => call(caseEndpoints.get, { params: { id }, signal }),
    refetchInterval: RENEW_MS,
  });
  const back = (
    <p>
      <Link to="/cases">{text("back")}</Link>
    </p>
  );
  if (read.isPending) return <Loading />;
  if (read.isError) {
    return (
      <>
        {back}
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      </>
    );
  }
  const found = read.data;
  const proposed =
    found.finding === undefined ? text(`step.${found.step}`) : text(`findingOf.${found.finding}`);
  return (
    <>
      {back}
      <PageHead title={cardText(text, found.kind)} lead={proposed} />
      <p>
        {text("probability", { percent: percent(found.probability) })} ·{" "}
        {text("epoch", { epoch: found.epoch })}
        <br />
        {found.answer === undefined ? text("noAnswer") : text(`answerOf.${found.answer}`)}
        {found.explainedAt === undefined ? null : (
          <>
            <br />
            {text("explained")}
          </>
        )}
        {found.callPersonId === undefined ? null : (
          <>
            <br />
            {text("callMe")} · <Link to={`/people/${found.callPersonId}`}>{text("openPerson")}</Link>
          </>
        )}
        {found.incidentId === undefined ? null : (
          <>
            <br />
            <Link to={`/incidents/${found.incidentId}`}>{text("incident")}</Link>
          </>
        )}
        {found.holdId === undefined ? null : (
          <>
            <br />
            <Link to={`/openings/${found.holdId}`}>{text("held")}</Link>
          </>
        )}
      </p>
      <div className="case-columns">
        <div>
          <Signs found={found} />
          <CaseTaps taps={found.taps} />
        </div>
        <div>
          {mayHandle ? <CaseActions found={found} /> : null}
          {found.finding === "copy" ? (
            <CopiedCardSection caseId={id} kind={found.kind} mayHandle={mayHandle} />
          ) : null}
          <CaseAppeals found={found} mayHandle={mayHandle} />
          <CaseEvidence caseId={id} mayHandle={mayHandle} isForgotten={found.forgottenAt !== undefined} />
          <History found={found} />
        </div>
      </div>
    </>
  );
}

function Signs(props: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const { nameOf } = useDoorNames();
  return (
    <section className="section" aria-labelledby="signs">
      <h2 id="signs">{text("signs")}</h2>
      <ul className="plain-list">
        {props.found.signs.map((sign, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: signs have no other name, and only grow
          <li key={place}>
            <span>
              <strong>{ruleText(text, sign.rule)}</strong>
              <br />
              <span className="quiet">
                <ExactMoment epochMs={sign.at} /> · {nameOf(sign.accessPointId) ?? text("unknownDoor")}
                {inputTexts(text, sign.inputs).map((words) => ` · ${words}`)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function History(props: { found: CaseDetail }) {
  const { t: text } = useTranslation("cases");
  const nameOfEvent = (what: string) => {
    const key = `event.${what}`;
    const words = text(key as "event.raised");
    return words === key ? what : words;
  };
  return (
    <section className="section" aria-labelledby="history">
      <h2 id="history">{text("history")}</h2>
      <ul className="plain-list">
        {props.found.history.map(({ at, what, by, reason }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what happened only grows
          <li key={place}>
            <span className="case-words">
              {nameOfEvent(what)}
              {by === undefined ? null : <span className="quiet"> · {by}</span>}
              {reason === undefined ? null : (
                <>
                  <br />
                  <span className="quiet">{reason}</span>
                </>
              )}
            </span>
            <span className="quiet">
              <ExactMoment epochMs={at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
