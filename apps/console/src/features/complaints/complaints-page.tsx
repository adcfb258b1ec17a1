import "./texts/index.ts";
import "./complaints.css";
import { complaintEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { ComplaintLine } from "./complaint-line.tsx";
import { ComplaintPage } from "./complaint-page.tsx";
import { PaperPage } from "./paper-page.tsx";

/** What one's own body has to answer, one of them, and complaints that come on paper. */
export default function ComplaintsPage() {
  const mayHandle = useMay("complaints.handle");
  if (!mayHandle) return <Forbidden />;
  return (
    <Routes>
      <Route path="paper" element={<PaperPage />} />
      <Route path=":id" element={<ComplaintPage />} />
      <Route path="*" element={<Queue />} />
    </Routes>
  );
}

function Queue() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("complaints");
  const mayEnter = useMay("complaints.enter");
  const { staffId } = useSignedIn();
  const navigate = useNavigate();
  const [answered, setAnswered] = useState(false);
  const list = useQuery({
    queryKey: [complaintEndpoints.queue.id, staffId, answered],
    queryFn: ({ signal }) => call(complaintEndpoints.queue, { query: { answered }, signal }),
  });
  const body = list.data?.body;
  return (
    <>
      <PageHead
        title={t("nav.complaints")}
        {...(body === undefined ? {} : { lead: text("lead", { body: text(`body.${body}`) }) })}
        action={
          mayEnter ? (
            <Button onClick={() => void navigate("/complaints/paper")}>{text("paper")}</Button>
          ) : undefined
        }
      />
      <Segmented
        aria-label={t("nav.complaints")}
        value={answered ? "answered" : "waiting"}
        onChange={(value) => setAnswered(value === "answered")}
        options={[
          { value: "waiting", label: text("waiting") },
          { value: "answered", label: text("answered") },
        ]}
      />
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? (
        <Empty title={text(answered ? "noneAnswered" : "none")}>{answered ? null : text("noneHelp")}</Empty>
      ) : null}
      <ul className="plain-list">
        {list.data?.items.map((complaint) => (
          <ComplaintLine key={complaint.id} complaint={complaint} />
        ))}
      </ul>
      <p className="quiet">{text("mine")}</p>
      {mayEnter ? (
        <p className="quiet">
          <a href="/public/complaints#follow">{text("paperForm.follow")}</a>
        </p>
      ) : null}
    </>
  );
}
