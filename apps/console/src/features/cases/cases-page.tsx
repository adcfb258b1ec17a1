import "./texts/index.ts";
import "./cases.css";
import "../openings/openings.css";
import { StateMark } from "@menshen/ui";
import { type CaseItem, caseEndpoints, type DetectionState, detectionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes } from "react-router";
import { call } from "../../api/client.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { CasePage } from "./case-page.tsx";
import { cardText, ruleText, usePercent } from "./case-words.ts";
import { TuningPage } from "./tuning/tuning-page.tsx";

const RENEW_MS = 5_000;

/** Cards that may have been copied: the queue, and one of them. */
export default function CasesPage() {
  const mayRead = useMay("cases.read");
  if (!mayRead) return <Forbidden />;
  return (
    <Routes>
      <Route path="settings" element={<TuningPage />} />
      <Route path=":id" element={<CasePage />} />
      <Route path="*" element={<CaseList />} />
    </Routes>
  );
}

function CaseList() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("cases");
  const [state, setState] = useState<"open" | "closed">("open");
  const list = useQuery({
    queryKey: [caseEndpoints.list.id, state],
    queryFn: ({ signal }) => call(caseEndpoints.list, { query: { state }, signal }),
    refetchInterval: RENEW_MS,
  });
  const items = list.data?.items;
  return (
    <>
      <PageHead
        title={t("nav.cases")}
        lead={text("lead")}
        action={<Link to="/cases/settings">{text("settings")}</Link>}
      />
      <Progress />
      <p>
        <Radio.Group
          aria-label={t("nav.cases")}
          value={state}
          onChange={(event) => setState(event.target.value)}
          options={[
            { value: "open", label: text("open") },
            { value: "closed", label: text("closed") },
          ]}
          optionType="button"
        />
      </p>
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {items?.length === 0 ? (
        <Empty title={text(state === "open" ? "none" : "noneClosed")}>
          {state === "open" ? text("noneHelp") : null}
        </Empty>
      ) : null}
      <ul className="plain-list">
        {items?.map((item) => (
          <CaseLine key={item.id} item={item} />
        ))}
      </ul>
    </>
  );
}

/** How far everything is judged, and how cases ended so far. */
function Progress() {
  const { t: text } = useTranslation("cases");
  const state = useQuery({
    queryKey: [detectionEndpoints.state.id],
    queryFn: ({ signal }) => call(detectionEndpoints.state, { signal }),
    refetchInterval: RENEW_MS,
  });
  const counts = useQuery({
    queryKey: [caseEndpoints.counts.id],
    queryFn: ({ signal }) => call(caseEndpoints.counts, { signal }),
  });
  const { judgedUntil, waitingFor = [] } = state.data ?? {};
  return (
    <>
      <p className="quiet">
        {judgedUntil === undefined ? null : (
          <>
            {text("judgedUntil")} <RelativeMoment epochMs={judgedUntil} />
            {waitingFor.length === 0 ? null : ` · ${text("waiting", { count: waitingFor.length })}`}
            <br />
          </>
        )}
        {counts.data === undefined ? null : text("counts", counts.data)}
      </p>
      {state.data === undefined ? null : <EngineHealth state={state.data} />}
    </>
  );
}

/** Below this it is behind for the blink of an eye. */
const BEHIND = 1_000;

/** What somebody should know of the engine; nothing while all is well. */
function EngineHealth({ state }: { state: DetectionState }) {
  const { t: text } = useTranslation("cases");
  const { restarts = 0, restartedAt, waiting } = state;
  return (
    <div aria-live="polite">
      {waiting === undefined ? <p>{text("starting")}</p> : null}
      {waiting !== undefined && waiting >= BEHIND ? <p>{text("behind", { count: waiting })}</p> : null}
      {restarts === 0 || restartedAt === undefined ? null : (
        <p>
          {text("restarted", { count: restarts })} <RelativeMoment epochMs={restartedAt} />
          <br />
          <span className="quiet">{text("restartedHelp")}</span>
        </p>
      )}
    </div>
  );
}

function CaseLine(props: { item: CaseItem }) {
  const { t: text } = useTranslation("cases");
  const { staffId } = useSignedIn();
  const percent = usePercent();
  const { item } = props;
  return (
    <li>
      <span>
        <Link to={`/cases/${item.id}`}>
          <strong>
            {cardText(text, item.kind)} · <ExactMoment epochMs={item.reachedAt} />
          </strong>
        </Link>
        <br />
        <span className="quiet">
          {text("probability", { percent: percent(item.probability) })}
          {item.rules.map((rule) => ` · ${ruleText(text, rule)}`)}
        </span>
        <br />
        <span className="quiet">
          {item.answer === undefined ? text("noAnswer") : text(`answerOf.${item.answer}`)}
          {item.openAppeals === 0 ? null : ` · ${text("appeals", { count: item.openAppeals })}`}
          {item.measures.map((measure) => ` · ${text(`measure.${measure}`)}`)}
          {item.assignedTo === undefined
            ? null
            : ` · ${item.assignedTo.staffId === staffId ? text("mine") : text("takenBy", { name: item.assignedTo.displayName })}`}
        </span>
      </span>
      <CaseState item={item} />
    </li>
  );
}

function CaseState(props: { item: CaseItem }) {
  const { t: text } = useTranslation("cases");
  const { finding, explainedAt, step } = props.item;
  if (finding !== undefined) return <StateMark tone="quiet">{text(`findingOf.${finding}`)}</StateMark>;
  if (explainedAt !== undefined) return <StateMark tone="quiet">{text("explained")}</StateMark>;
  return <StateMark tone={step === "watch" ? "quiet" : "refused"}>{text(`step.${step}`)}</StateMark>;
}
