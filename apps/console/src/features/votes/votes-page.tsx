import "./texts/index.ts";
import "../openings/openings.css";
import "./votes.css";
import { motionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { MotionForm } from "./motion-form.tsx";
import { MotionPage } from "./motion-page.tsx";
import { MotionState } from "./motion-state.tsx";
import { ProxiesPage } from "./proxies.tsx";
import { RollPage } from "./roll-page.tsx";

/** Owners' motions, one of them, and the roll they are counted by. */
export default function VotesPage() {
  const mayRead = useMay("motions.read");
  if (!mayRead) return <Forbidden />;
  return (
    <Routes>
      <Route path="roll" element={<RollPage />} />
      <Route path=":id" element={<MotionPage />} />
      <Route path=":id/proxies" element={<ProxiesPage />} />
      <Route path="*" element={<MotionList />} />
    </Routes>
  );
}

function MotionList() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("votes");
  const mayPut = useMay("motions.write");
  const mayReadRoll = useMay("roll.read");
  const [isPutting, setIsPutting] = useState(false);
  const list = useQuery({
    queryKey: [motionEndpoints.list.id],
    queryFn: ({ signal }) => call(motionEndpoints.list, { signal }),
  });
  return (
    <>
      <PageHead
        title={t("nav.votes")}
        lead={text("lead")}
        action={
          mayPut && !isPutting ? (
            <Button type="primary" onClick={() => setIsPutting(true)}>
              {text("put")}
            </Button>
          ) : undefined
        }
      />
      {mayReadRoll ? (
        <p>
          <Link to="/votes/roll">{text("roll")}</Link>
        </p>
      ) : null}
      {isPutting ? <MotionForm onDone={() => setIsPutting(false)} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("none")}</p> : null}
      <ul className="plain-list">
        {list.data?.items.map((motion) => (
          <li key={motion.id}>
            <span>
              <Link to={`/votes/${motion.id}`}>
                <strong>{motion.title}</strong>
              </Link>
              <br />
              <span className="quiet">
                {text(`matter.${motion.matter}`)} · <ExactMoment epochMs={motion.opensAt} /> –{" "}
                <ExactMoment epochMs={motion.closesAt} />
              </span>
            </span>
            <MotionState motion={motion} />
          </li>
        ))}
      </ul>
    </>
  );
}
