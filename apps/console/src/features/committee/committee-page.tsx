import "../votes/texts/index.ts";
import "../votes/votes.css";
import { StateMark } from "@menshen/ui";
import { custodyEndpoints, motionEndpoints, vendorEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { RisenComplaints } from "../complaints/risen-complaints.tsx";
import { useBodyName } from "../openings/opening-state.tsx";
import { MotionState } from "../votes/motion-state.tsx";
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
      .filter(({ stage, secret }) => stage === "closed" && secret?.tallySha512 === undefined)
      .map(({ id, title }) => ({ to: `/votes/${id}`, said: text("committee.dueCount", { title }) })),
    ...items
      .filter(({ papersWaiting }) => papersWaiting > 0)
      .map(({ id, title, papersWaiting: count }) => ({
        to: `/votes/${id}`,
        said: text("committee.duePapers", { title, count }),
      })),
    ...items
      .filter(({ stage }) => stage === "draft")
      .map(({ id, title, secret }) => ({
        to: `/votes/${id}`,
        said: text(
          secret !== undefined && secret.key === undefined ? "committee.dueKey" : "committee.dueDraft",
          { title },
        ),
      })),
    ...items
      .filter(({ stage, secret }) => stage === "closed" && secret?.tallySha512 !== undefined)
      .map(({ id, title }) => ({ to: `/votes/${id}`, said: text("committee.dueShares", { title }) })),
    ...listed
      .filter(({ missing }) => missing.length > 0)
      .map(({ page }) => ({ to: "/vendors", said: text("committee.dueVendor", { name: page.name }) })),
  ];
  const current = items.filter(
    ({ stage }) => stage === "announced" || stage === "open" || stage === "closed" || stage === "draft",
  );
  return (
    <>
      <div className="committee__work">
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
          {current.length === 0 ? <p>{text("committee.noMotions")}</p> : null}
          <ul className="plain-list">
            {current.map((motion) => (
              <li key={motion.id}>
                <span>
                  <Link to={`/votes/${motion.id}`}>{motion.title}</Link>
                  <br />
                  <span className="quiet">
                    <ExactMoment epochMs={motion.opensAt} /> – <ExactMoment epochMs={motion.closesAt} />
                  </span>
                </span>
                <MotionState motion={motion} />
              </li>
            ))}
          </ul>
          <p>
            <Link to="/votes">{text("back")}</Link> · <Link to="/votes/roll">{text("roll")}</Link>
          </p>
        </section>
        <section className="section" aria-labelledby="committee-contracts">
          <h2 id="committee-contracts">{text("committee.contracts")}</h2>
          {listed.length === 0 ? <p>{text("vendors.none")}</p> : null}
          <ul className="plain-list">
            {listed.map(({ id, page, leaving, missing, needsMotion }) => (
              <li key={id}>
                <span>
                  <Link to="/vendors">{page.name}</Link>
                  <br />
                  <span className="quiet">
                    {page.contract === undefined
                      ? text("committee.noContract")
                      : text("committee.contractLine", {
                          number: page.contract.number,
                          until: page.contract.until,
                          fees: page.fees ?? text("committee.unsaid"),
                        })}
                  </span>
                </span>
                {leaving !== undefined ? (
                  <StateMark tone="refused">{text(`committee.${leaving}`)}</StateMark>
                ) : needsMotion || missing.length > 0 ? (
                  <StateMark tone="refused">
                    {text(needsMotion ? "committee.notVoted" : "committee.hasGaps")}
                  </StateMark>
                ) : (
                  <StateMark tone="granted">{text("vendors.complete")}</StateMark>
                )}
              </li>
            ))}
          </ul>
        </section>
        <Custody />
        <RisenComplaints />
      </div>
      <YearlyReport motions={items} vendors={listed} />
    </>
  );
}

/** Whether the keys of custody last, and what its custodians are asked for. */
function Custody() {
  const { t: text } = useTranslation("votes");
  const bodyName = useBodyName();
  const { t } = useTranslation();
  const status = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  const { custodians, epochsLeft = 0, ceremony, waiting } = status.data ?? {};
  return (
    <section className="section" aria-labelledby="committee-custody">
      <h2 id="committee-custody">{text("committee.custody")}</h2>
      <p className="quiet">{text("committee.custodyHelp")}</p>
      {status.isError ? <Failed error={status.error} onRetry={() => void status.refetch()} /> : null}
      {status.data === undefined ? null : custodians === undefined ? (
        <p>
          <StateMark tone="refused">{text("committee.noCustodians")}</StateMark>
        </p>
      ) : (
        <>
          <p>
            {text("committee.custodians", {
              names: custodians.members.map(({ body }) => bodyName(body)).join(t("common.comma")),
              threshold: custodians.threshold,
            })}
          </p>
          <p>
            <StateMark tone={epochsLeft === 0 ? "refused" : "granted"}>
              {epochsLeft === 0
                ? text("committee.noKeys")
                : text("committee.keysLeft", { count: epochsLeft })}
            </StateMark>
            {epochsLeft === 0 ? (
              <>
                <br />
                {text("committee.noKeysHelp")}
              </>
            ) : null}
          </p>
          {ceremony === undefined ? null : <p>{text("committee.ceremony")}</p>}
          {waiting === undefined ? null : <p>{text("committee.newSet")}</p>}
        </>
      )}
      <p>
        <a href="/custodian">{text("committee.openCustody")}</a>
      </p>
    </section>
  );
}
