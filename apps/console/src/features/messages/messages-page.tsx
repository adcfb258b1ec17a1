import "./texts/index.ts";
import "../openings/openings.css";
import "./messages.css";
import { messageEndpoints, type SentNotice } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading, OtherDuty } from "../../components/page-states.tsx";
import { CommercialForm, NoticeForm } from "./message-form.tsx";
import { CommercialMark, usePeopleText } from "./message-words.tsx";
import { RecipientsPage } from "./recipients-page.tsx";

/** What is sent to residents, and who may get their data. */
export default function MessagesPage() {
  return (
    <Routes>
      <Route path="recipients" element={<RecipientsPage />} />
      <Route path="*" element={<SentPage />} />
    </Routes>
  );
}

function SentPage() {
  const { t: text } = useTranslation("messages");
  const maySend = useMay("messages.send");
  const [writing, setWriting] = useState<"notice" | "commercial">();
  const done = () => setWriting(undefined);
  return (
    <>
      <PageHead
        title={text("title")}
        lead={text("lead")}
        action={
          maySend && writing === undefined ? (
            <span className="actions">
              <Button type="primary" onClick={() => setWriting("notice")}>
                {text("write")}
              </Button>
              <Button onClick={() => setWriting("commercial")}>{text("writeCommercial")}</Button>
            </span>
          ) : undefined
        }
      />
      <p>
        <Link to="/messages/recipients">{text("toRecipients")}</Link>
      </p>
      {maySend ? (
        <>
          {writing === "notice" ? <NoticeForm onDone={done} /> : null}
          {writing === "commercial" ? <CommercialForm onDone={done} /> : null}
          <SentNotices />
          <SentCommercial />
        </>
      ) : (
        <OtherDuty duty="operate" />
      )}
    </>
  );
}

function SentNotices() {
  const { t: text } = useTranslation("messages");
  const list = useQuery({
    queryKey: [messageEndpoints.notices.id],
    queryFn: ({ signal }) => call(messageEndpoints.notices, { signal }),
  });
  return (
    <section className="section" aria-labelledby="sent-notices">
      <h2 id="sent-notices">{text("sentNotices")}</h2>
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("noneNotices")}</p> : null}
      <ul className="sheets">
        {list.data?.items.map((notice) => (
          <Sent key={notice.id} message={notice} />
        ))}
      </ul>
      <p className="quiet">{text("fewWhy")}</p>
    </section>
  );
}

function SentCommercial() {
  const { t: text } = useTranslation("messages");
  const list = useQuery({
    queryKey: [messageEndpoints.commercial.id],
    queryFn: ({ signal }) => call(messageEndpoints.commercial, { signal }),
  });
  return (
    <section className="section" aria-labelledby="sent-commercial">
      <h2 id="sent-commercial">{text("sentCommercial")}</h2>
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("noneCommercial")}</p> : null}
      <ul className="sheets">
        {list.data?.items.map((message) => (
          <Sent key={message.id} message={message} advertiser={message.advertiser} />
        ))}
      </ul>
    </section>
  );
}

function Sent(props: { message: SentNotice; advertiser?: string }) {
  const { t: text } = useTranslation("messages");
  const people = usePeopleText();
  const { message, advertiser } = props;
  return (
    <li>
      <span className="sheets__line">
        <strong>{message.title}</strong>
        {advertiser === undefined ? null : (
          <>
            <CommercialMark />
            <span>{text("from", { name: advertiser })}</span>
          </>
        )}
      </span>
      <span className="quiet sheets__line">
        <ExactMoment epochMs={message.sentAt} />
        <span>{text("counts", { addressed: people(message.addressed), read: people(message.read) })}</span>
      </span>
      <p className="message-text">{message.text}</p>
    </li>
  );
}
