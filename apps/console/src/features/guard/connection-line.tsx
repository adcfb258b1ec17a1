import { formatClock, StateMark } from "@menshen/ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LiveState } from "../../api/live-feed.ts";
import { useMomentFormat } from "../../components/moments.tsx";

/** How fresh what is shown is: live, being connected, or as of when. */
export function ConnectionLine(props: { live: LiveState }) {
  const { t } = useTranslation("guard");
  const format = useMomentFormat();
  const { connection } = props.live;
  return (
    <span role="status" className="guard__connection">
      {connection.state === "live" ? (
        <StateMark tone="granted">{t("connection.live")}</StateMark>
      ) : connection.state === "lost" ? (
        <StateMark tone="offline">
          {t("connection.lost", { since: formatClock(connection.since, format) })}
        </StateMark>
      ) : (
        <StateMark tone="quiet">{t("connection.connecting")}</StateMark>
      )}
    </span>
  );
}

/** After a break: from when until when nothing was seen here, and that all of it has been filled in. */
export function BreakNotice(props: { live: LiveState }) {
  const { t } = useTranslation("guard");
  const format = useMomentFormat();
  const [read, setRead] = useState<number>();
  const { connection, lastBreak } = props.live;
  if (lastBreak === undefined || connection.state !== "live" || read === lastBreak.until) return null;
  return (
    <div className="guard__break" role="status">
      <span>
        {t("break.text", {
          since: formatClock(lastBreak.since, format),
          until: formatClock(lastBreak.until, format),
        })}{" "}
        {t("break.filledIn", { count: lastBreak.eventCount })}
      </span>
      <button type="button" className="link-button" onClick={() => setRead(lastBreak.until)}>
        {t("break.read")}
      </button>
    </div>
  );
}
