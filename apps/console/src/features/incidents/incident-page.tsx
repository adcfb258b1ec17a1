import { INCIDENT_TEXTS, incidentDataText } from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import { gateEndpoints, type Incident, type IncidentTarget, incidentEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { IncidentClocks } from "./incident-clocks.tsx";
import { IncidentWordsForm } from "./incident-words.tsx";
import { Drafts } from "./notice-drafts.tsx";
import { Publishing } from "./publishing.tsx";
import { Telling } from "./telling.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

const AGAIN_MS = 30_000;

/** One incident from its clocks to its publication, in the order in which it is worked through. */
export function IncidentPage() {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const { id = "" } = useParams();
  const mayHandle = useMay("incidents.handle");
  const [printed, setPrinted] = useState<string>();
  const read = useQuery({
    queryKey: [incidentEndpoints.get.id, id],
    refetchInterval: AGAIN_MS,
    queryFn: ({ signal }) => call(incidentEndpoints.get, { params: { id }, signal }),
  });
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  const incident = read.data;
  const { kind, grade, openedAt, affected, publishedAt, drafts } = incident;
  const missing = drafts[0]?.missing ?? [];
  const isComplete = missing.length === 0;
  return (
    <>
      {printed === undefined ? null : <div className="only-print">{printed}</div>}
      <p>
        <Link to="/incidents">{text("back")}</Link>
      </p>
      <PageHead
        title={`${INCIDENT_TEXTS.kind[kind][own]} · ${INCIDENT_TEXTS.grade[grade][own]}`}
        lead={text("affected", { count: affected })}
        action={
          publishedAt === undefined ? undefined : <StateMark tone="granted">{text("published")}</StateMark>
        }
      />
      <p className="quiet">
        {text("openedAt")} <ExactMoment epochMs={openedAt} />
        {publishedAt === undefined ? null : (
          <>
            {" · "}
            {text("publishedAt")} <ExactMoment epochMs={publishedAt} />
          </>
        )}
      </p>
      <IncidentClocks incident={incident} isComplete={isComplete} mayHandle={mayHandle} />
      <Affected incident={incident} />
      {mayHandle ? <IncidentWordsForm key={incident.id} incident={incident} /> : null}
      <Drafts drafts={drafts} onPrint={setPrinted} />
      <Telling incident={incident} isComplete={isComplete} />
      <Publishing incident={incident} isComplete={isComplete} />
    </>
  );
}

function Affected(props: { incident: Incident }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const { targets, from, until, affected, data, evidence } = props.incident;
  const mayRead = useMay("doors.read");
  return (
    <section className="section" aria-labelledby="affected">
      <h2 id="affected">{text("who.title")}</h2>
      <p className="quiet">{text("who.help")}</p>
      {affected === 0 ? <p>{text("who.nobody")}</p> : null}
      <dl className="fact-list">
        <Fact name={text("who.hit")}>
          {mayRead ? <NamedTargets targets={targets} /> : <Targets targets={targets} />}
        </Fact>
        <Fact name={text("who.open")}>
          <ExactMoment epochMs={from} /> –{" "}
          {until === undefined ? text("who.still") : <ExactMoment epochMs={until} />}
        </Fact>
        {data.map(({ data: name, persons }) => (
          <Fact key={name} name={incidentDataText(name, own)}>
            {text("who.people", { count: persons })}
          </Fact>
        ))}
      </dl>
      {evidence.length === 0 ? null : (
        <>
          <h3>{text("who.evidence")}</h3>
          <p className="quiet">{text("who.evidenceHelp")}</p>
          <ul className="sheets">
            {evidence.map(({ gateId, sequence, sha256 }) => (
              <li key={`${gateId}/${sequence}`}>
                <span>{text("who.entry", { sequence })}</span>
                <span className="fingerprint">{sha256}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Gates by their names, for those who may read them. */
function NamedTargets(props: { targets: readonly IncidentTarget[] }) {
  const gates = usePaged(gateEndpoints.list, { limit: 200 });
  const names = new Map(gates.items.map(({ id, name }) => [id, name]));
  return <Targets targets={props.targets} names={names} />;
}

function Targets(props: { targets: readonly IncidentTarget[]; names?: ReadonlyMap<string, string> }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const nameOf = (target: IncidentTarget) => {
    switch (target.kind) {
      case "database":
        return text("who.database");
      case "store":
        return INCIDENT_TEXTS.store[target.store][own];
      case "gate":
        return text("who.gate", { name: props.names?.get(target.gateId) ?? target.gateId.slice(0, 8) });
      case "credentials":
        return text("who.credentials", { count: target.ids.length });
    }
  };
  return props.targets.map(nameOf).join(" · ");
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
