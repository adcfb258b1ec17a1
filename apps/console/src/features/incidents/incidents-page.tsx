import "./texts/index.ts";
import "../openings/openings.css";
import "./incidents.css";
import { INCIDENT_TEXTS } from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import { type IncidentLine, incidentEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment, useNow } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { ClockState } from "./incident-clocks.tsx";
import { IncidentForm } from "./incident-form.tsx";
import { IncidentPage } from "./incident-page.tsx";
import { ReportSettingsSection } from "./report-settings.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

/** Alarms of clocks are seen here without a reload. */
const AGAIN_MS = 30_000;

/** Incidents with residents' data, one of them, and to whom they are reported. */
export default function IncidentsPage() {
  const mayHandle = useMay("incidents.handle");
  const mayOverride = useMay("incidents.override");
  if (!mayHandle && !mayOverride) return <Forbidden />;
  return (
    <Routes>
      <Route path=":id" element={<IncidentPage />} />
      <Route path="*" element={<IncidentList />} />
    </Routes>
  );
}

function IncidentList() {
  const { t: text } = useTranslation("incidents");
  const mayHandle = useMay("incidents.handle");
  const [isOpening, setIsOpening] = useState(false);
  const list = useQuery({
    queryKey: [incidentEndpoints.list.id],
    refetchInterval: AGAIN_MS,
    queryFn: ({ signal }) => call(incidentEndpoints.list, { signal }),
  });
  return (
    <>
      <PageHead
        title={text("title")}
        lead={text("lead")}
        action={
          mayHandle && !isOpening ? (
            <Button type="primary" onClick={() => setIsOpening(true)}>
              {text("open")}
            </Button>
          ) : undefined
        }
      />
      {isOpening ? <IncidentForm onClose={() => setIsOpening(false)} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("none")}</p> : null}
      <ul className="sheets">
        {list.data?.items.map((incident) => (
          <Line key={incident.id} incident={incident} />
        ))}
      </ul>
      {mayHandle ? <ReportSettingsSection /> : null}
    </>
  );
}

function Line(props: { incident: IncidentLine }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const now = useNow(AGAIN_MS);
  const { id, kind, grade, openedAt, affected, clocks, publishedAt } = props.incident;
  return (
    <li>
      <Link className="sheets__lead" to={`/incidents/${id}`}>
        {INCIDENT_TEXTS.kind[kind][own]} · {INCIDENT_TEXTS.grade[grade][own]}
      </Link>
      <span className="sheets__line quiet">
        <span>
          {text("openedAt")} <ExactMoment epochMs={openedAt} />
        </span>
        <span>{text("affected", { count: affected })}</span>
      </span>
      {clocks.map((clock) => (
        <span key={clock.authority} className="sheets__line">
          <span>{INCIDENT_TEXTS.authority[clock.authority][own]}</span>
          <ClockState clock={clock} now={now} />
        </span>
      ))}
      {publishedAt === undefined ? null : (
        <span>
          <StateMark tone="granted">{text("published")}</StateMark>
        </span>
      )}
    </li>
  );
}
