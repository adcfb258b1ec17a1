import { Moment, StateMark } from "@menshen/ui";
import type { EventItem } from "@menshen/wire";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { eventText, isAlarm } from "../../components/event-text.ts";
import { useMomentFormat } from "../../components/moments.tsx";
import { useReasonText } from "../../components/reason-text.ts";

/** One event: when, what, where, by what; a refusal with its reason in words and the way to the whole answer. */
export function EventRow(props: {
  event: EventItem;
  onExplain?: (event: EventItem) => void;
  /** What can be done about a refusal. */
  remedy?: ReactNode;
}) {
  const { t } = useTranslation();
  const format = useMomentFormat();
  const reasonText = useReasonText();
  const { event, onExplain, remedy } = props;
  const isRefused = event.kind === "access" && event.granted === false;
  const firstReason = event.reasons?.[0];
  const place = event.accessPointName ?? event.portalName ?? event.readerName ?? event.gateName;

  return (
    <li className="event-row">
      <span className="event-row__time">
        <Moment epochMs={event.earliestAt} format={format} />
      </span>
      <span className="event-row__what">
        {event.kind === "access" ? (
          <StateMark tone={isRefused ? "refused" : "granted"}>
            {isRefused ? t("event.refused") : t("event.granted")}
          </StateMark>
        ) : (
          <StateMark tone={isAlarm(event) ? "alarm" : "quiet"}>{eventText(t, event)}</StateMark>
        )}
        <span className="event-row__place">{place}</span>
        {event.credentialKind === undefined ? null : (
          <span className="event-row__means">
            {t(`credentialKind.${event.credentialKind}`)}
            {event.grade === undefined ? "" : ` ${event.grade}`}
          </span>
        )}
        {event.downgraded === true ? <StateMark tone="alarm">{t("event.downgraded")}</StateMark> : null}
        {event.counterMark === undefined ? null : (
          <StateMark tone={event.counterMark === "torn" ? "quiet" : "alarm"}>
            {t(`event.counterMark.${event.counterMark}`)}
          </StateMark>
        )}
        {isRefused ? (
          <span className="event-row__reason">
            {firstReason === undefined ? null : reasonText(firstReason).why}{" "}
            {onExplain === undefined ? null : (
              <button type="button" className="link-button" onClick={() => onExplain(event)}>
                {t("why.ask")}
              </button>
            )}
          </span>
        ) : null}
        {remedy}
      </span>
    </li>
  );
}
