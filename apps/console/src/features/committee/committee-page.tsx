import "../votes/texts/index.ts";
import { motionEndpoints, vendorEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { RisenComplaints } from "../complaints/risen-complaints.tsx";
import { YearlyReport } from "./yearly-report.tsx";

/** What the owners' committee does and answers for, with what waits for it first. */
export default function CommitteePage() {
  const { t: text } = useTranslation("votes");
  const mayRead = useMay("motions.read");
  const motions = useQuery({
    queryKey: [motionEndpoints.list.id],
    queryFn: ({ signal }) => call(motionEndpoints.list, { signal }),
    enabled: mayRead,
  });
  const vendors = useQuery({
    queryKey: [vendorEndpoints.list.id],
    queryFn: ({ signal }) => call(vendorEndpoints.list, { signal }),
  });
  if (!mayRead) return <Forbidden />;
  const failed = [motions, vendors].find(({ isError }) => isError);
  if (failed?.error) return <Failed error={failed.error} onRetry={() => void failed.refetch()} />;
  if (motions.isPending || vendors.isPending) return <Loading />;
  const { items } = motions.data ?? { items: [] };
  const listed = vendors.data?.items ?? [];
  const due = [
    ...items
      .filter(({ stage }) => stage === "closed")
      .map(({ id, title }) => ({ to: `/votes/${id}`, said: text("committee.dueCount", { title }) })),
    ...items
      .filter(({ papersWaiting }) => papersWaiting > 0)
      .map(({ id, title, papersWaiting: count }) => ({
        to: `/votes/${id}`,
        said: text("committee.duePapers", { title, count }),
      })),
    ...items
      .filter(({ stage }) => stage === "draft")
      .map(({ id, title }) => ({ to: `/votes/${id}`, said: text("committee.dueDraft", { title }) })),
    ...listed
      .filter(({ missing }) => missing.length > 0)
      .map(({ page }) => ({ to: "/vendors", said: text("committee.dueVendor", { name: page.name }) })),
  ];
  return (
    <>
      <PageHead title={text("committee.title")} lead={text("committee.lead")} />
      <section aria-labelledby="committee-due">
        <h2 id="committee-due">{text("committee.due")}</h2>
        {due.length === 0 ? <p>{text("committee.nothing")}</p> : null}
        <ul className="plain-list">
          {due.map(({ to, said }) => (
            <li key={said}>
              <Link to={to}>{said}</Link>
            </li>
          ))}
        </ul>
      </section>
      <section className="section" aria-labelledby="committee-motions">
        <h2 id="committee-motions">{text("committee.motions")}</h2>
        <p>
          <Link to="/votes">{text("back")}</Link> · <Link to="/votes/roll">{text("roll")}</Link>
        </p>
      </section>
      <section className="section" aria-labelledby="committee-contracts">
        <h2 id="committee-contracts">{text("committee.contracts")}</h2>
        {listed.length === 0 ? <p>{text("vendors.none")}</p> : null}
        <ul className="plain-list">
          {listed.map(({ id, page }) => (
            <li key={id}>
              <Link to="/vendors">
                {text("committee.contractLine", {
                  name: page.name,
                  number: page.contract?.number ?? "?",
                  until: page.contract?.until ?? "?",
                })}
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <section className="section" aria-labelledby="committee-custody">
        <h2 id="committee-custody">{text("committee.custody")}</h2>
        <p>{text("committee.custodyHelp")}</p>
        <p>
          <a href="/custodian">{text("committee.openCustody")}</a>
        </p>
      </section>
      <RisenComplaints />
      <YearlyReport />
    </>
  );
}
