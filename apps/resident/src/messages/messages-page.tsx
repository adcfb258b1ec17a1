import "./messages.css";
import { INCIDENT_TEXTS } from "@menshen/domain";
import { StateMark, usePreferences } from "@menshen/ui";
import { messageEndpoints, type OwnNotice } from "@menshen/wire";
import { useState } from "react";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useAnswer } from "../api/use-answer.ts";
import { useOwned } from "../device/device-context.tsx";
import { useMoments } from "../layout/moments.ts";
import { Loading, Nothing, Problem } from "../layout/notices.tsx";
import { Offers } from "./offers.tsx";
import { useMessageTexts } from "./use-message-texts.ts";

const askNotices = async () => (await call(messageEndpoints.ownNotices, {})).items;

/** Notices first; what sells something stands apart below, looks like nothing else, and goes by one press. */
export function MessagesPage() {
  const t = useMessageTexts();
  const notices = useAnswer("notices", askNotices);
  return (
    <>
      <section aria-labelledby="notices">
        <h2 id="notices">{t.notices}</h2>
        <p className="plain-quiet">{t.noticesHelp}</p>
        {notices.failure === undefined ? null : <Problem code={notices.failure} onRetry={notices.again} />}
        {notices.value === undefined && notices.isAsking ? <Loading /> : null}
        {notices.value?.length === 0 ? <Nothing title={t.none}>{t.noneHelp}</Nothing> : null}
        <ul className="plain-list">
          {notices.value?.map((notice) => (
            <li key={notice.id}>
              <Notice notice={notice} />
            </li>
          ))}
        </ul>
      </section>
      <Offers />
    </>
  );
}

function Notice(props: { notice: OwnNotice }) {
  const t = useMessageTexts();
  const moments = useMoments();
  const { owner } = useOwned();
  const own = usePreferences().language === "en" ? "en" : "zh-CN";
  const { id, title, text, sentAt, readAt, incident } = props.notice;
  const [isRead, setIsRead] = useState(readAt !== undefined);
  const open = () => {
    if (isRead) return;
    setIsRead(true);
    // Without a network it counts as unread for the server, and is there to be read all the same.
    withSession(owner, () => call(messageEndpoints.readNotice, { params: { id } })).catch(() => undefined);
  };
  return (
    <details
      className={incident === undefined ? "message" : "message message--incident"}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) open();
      }}
    >
      <summary>
        <span className="message__title">{title}</span>
        {incident === undefined ? null : <StateMark tone="alarm">{t.incident}</StateMark>}
        {isRead ? null : <StateMark tone="quiet">{t.unread}</StateMark>}
        <span className="plain-quiet">{moments.moment(sentAt)}</span>
      </summary>
      {incident === undefined ? null : (
        <p>
          <strong>{INCIDENT_TEXTS.kind[incident.kind][own]}</strong> {t.incidentHelp}
        </p>
      )}
      <p className="message__text">{text}</p>
      {incident === undefined ? null : (
        <p className="plain-quiet">
          {incident.publishedAt === undefined ? (
            t.incidentWaiting
          ) : (
            <a href="/public/incidents#incidents">{t.incidentPublic}</a>
          )}{" "}
          {t.complain}
        </p>
      )}
    </details>
  );
}
