import "./texts/index.ts";
import "../openings/openings.css";
import "./naming.css";
import { type NamingDecision, namingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { DecisionItem } from "./decision-item.tsx";
import { MotionForm } from "./motion-form.tsx";
import { StaffForm } from "./staff-form.tsx";
import { ToldStaff } from "./told-staff.tsx";

const REFRESH_MS = 15_000;

type Scope = NamingDecision["scope"];

/** Whom the community names to its duty desk: by which decision, since when, until when; nobody otherwise. */
export default function NamingPage() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("naming");
  const mayTell = useMay("homes.read");
  const list = useQuery({
    queryKey: [namingEndpoints.list.id],
    queryFn: ({ signal }) => call(namingEndpoints.list, { signal }),
    // A decision begins once the log is published.
    refetchInterval: REFRESH_MS,
  });
  const head = <PageHead title={t("nav.naming")} lead={text("lead")} />;
  if (list.isPending) return <Loading />;
  if (list.isError) {
    return (
      <>
        {head}
        <Failed error={list.error} onRetry={() => void list.refetch()} />
      </>
    );
  }
  const { items } = list.data;
  const isOver = ({ state }: NamingDecision) => state === "ended" || state === "withdrawn";
  const over = items.filter(isOver);
  const standing = (scope: Scope) => items.find((one) => one.scope === scope && !isOver(one));
  return (
    <>
      {head}
      {items.some(({ state }) => state === "in-force") ? null : <p role="status">{text("nobody")}</p>}
      <ScopeSection scope="staff" decision={standing("staff")} />
      {mayTell ? <ToldStaff /> : null}
      <ScopeSection scope="everyone" decision={standing("everyone")} />
      {over.length === 0 ? null : (
        <section className="section" aria-labelledby="naming-before">
          <h2 id="naming-before">{text("before")}</h2>
          <ul className="plain-list">
            {over.map((decision) => (
              <DecisionItem key={decision.id} decision={decision} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** What stands for staff, or for everyone, and the way to decide it. */
function ScopeSection(props: { scope: Scope; decision: NamingDecision | undefined }) {
  const { t: text } = useTranslation("naming");
  const mayDecide = useMay("naming.write");
  const [isDeciding, setIsDeciding] = useState(false);
  const { scope, decision } = props;
  const Form = scope === "staff" ? StaffForm : MotionForm;
  return (
    <section className="section" aria-labelledby={`naming-${scope}`}>
      <h2 id={`naming-${scope}`}>{text(`${scope}.title`)}</h2>
      <p className="quiet naming-help">{text(`${scope}.help`)}</p>
      {decision === undefined ? (
        <p>{text(`${scope}.none`)}</p>
      ) : (
        <ul className="plain-list">
          <DecisionItem decision={decision} />
        </ul>
      )}
      {!mayDecide || decision !== undefined ? null : isDeciding ? (
        <Form onDone={() => setIsDeciding(false)} />
      ) : (
        <Button onClick={() => setIsDeciding(true)}>{text(`${scope}.begin`)}</Button>
      )}
    </section>
  );
}
