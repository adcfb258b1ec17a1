import { StateMark } from "@menshen/ui";
import {
  type DoorState,
  type EventItem,
  gateEndpoints,
  type HealthFinding,
  type Overview,
  type ServerFindingCode,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { eventText, isAlarm } from "../../components/event-text.ts";
import { findingText } from "../../components/finding-text.ts";
import { RelativeMoment, useNow } from "../../components/moments.tsx";

/** An alarm that ended by itself, a forced door that fell shut, is still to be looked into for this long. */
const RECENT_MS = 10 * 60_000;

const DANGER = ["fire", "forced", "lock-not-answering", "held-too-long"] as const;

/** Findings that the doors' alarms and the gates' states say already. */
const SHOWN_OTHERWISE: ReadonlySet<string> = new Set([
  "door-forced",
  "door-held-too-long",
  "fire-release",
  "gate-offline",
  "lock-not-answering",
] satisfies ServerFindingCode[]);

/** What still stands of an alarm event, as a finding. */
const FINDING_OF: Readonly<Record<string, ServerFindingCode>> = {
  "tamper-on": "reader-tamper",
  "journal-degraded": "journal-degraded",
};

const FINDINGS_EVERY_MS = 15_000;

/** Findings come with no event of their own: they are asked for again and again. */
function useFindings(overview: Overview): readonly HealthFinding[] {
  const read = useQuery({
    queryKey: [gateEndpoints.health.id],
    refetchInterval: FINDINGS_EVERY_MS,
    queryFn: ({ signal }) => call(gateEndpoints.health, { signal }),
  });
  return read.data?.items ?? overview.findings;
}

/** The incident that a finding is about, if it is about one. */
function incidentOf({ values }: HealthFinding): string | undefined {
  return values?.incidentId === undefined ? undefined : String(values.incidentId);
}

function alarmEvent(alarm: DoorState["alarm"]): string | undefined {
  return alarm === "fire" ? "fire-on" : alarm;
}

/** Of the same happening at the same place the newest only; newest first, as they came. */
function newestOfEach(events: readonly EventItem[]): EventItem[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    const key = `${event.gateId} ${event.portalId ?? ""} ${event.readerId ?? ""} ${event.event ?? ""}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** What needs a person now, the most dangerous first; an empty list says so in words. */
export function NeedsYou(props: {
  overview: Overview;
  events: readonly EventItem[];
  onOpenDoor: (portalId: string) => void;
}) {
  const { t } = useTranslation();
  const { doors, gates } = props.overview;
  const findings = useFindings(props.overview);
  const alarms = doors
    .filter((door) => door.alarm !== undefined)
    .sort((a, b) => DANGER.indexOf(a.alarm ?? "fire") - DANGER.indexOf(b.alarm ?? "fire"));
  const offline = gates.filter((gate) => gate.link === "offline");
  // Somebody is being threatened: before every door, and shown to those alone who go there.
  const forced = findings.filter(({ code }) => code === "duress");
  const troubles = findings.filter(
    (finding) =>
      finding.severity !== "notice" && finding.code !== "duress" && !SHOWN_OTHERWISE.has(finding.code),
  );
  const now = useNow(15_000);
  const ended = newestOfEach(
    props.events.filter((event) => isAlarm(event) && event.latestAt > now - RECENT_MS),
  ).filter(
    (event) =>
      !alarms.some((door) => door.portalId === event.portalId && alarmEvent(door.alarm) === event.event) &&
      !troubles.some(
        (finding) =>
          finding.code === FINDING_OF[event.event ?? ""] &&
          finding.gateId === event.gateId &&
          finding.readerId === event.readerId,
      ),
  );
  const count = forced.length + ended.length + alarms.length + offline.length + troubles.length;

  return (
    <section className="needs" aria-labelledby="needs-you">
      <h2 id="needs-you">{count === 0 ? t("live.needsYou") : t("live.needsYouCount", { count })}</h2>
      {count === 0 ? <p className="needs__none">{t("live.needsNothing")}</p> : null}
      <ul className="needs__list" aria-live="polite">
        {forced.map((finding) => (
          <li key={`${finding.gateId}/${finding.subject}`} className="needs__item">
            <span className="needs__head">
              <StateMark tone="alarm">{t("live.duress")}</StateMark>
              <strong>{finding.subject ?? finding.gateName}</strong>
            </span>
            <span className="needs__what">{findingText(t, finding.code)}</span>
          </li>
        ))}
        {alarms.map((door) => (
          <li key={door.portalId}>
            <button type="button" className="needs__item" onClick={() => props.onOpenDoor(door.portalId)}>
              <span className="needs__head">
                <StateMark tone="alarm">{t(`door.alarm.${door.alarm ?? "forced"}`)}</StateMark>
                <strong>{door.name}</strong>
                {door.since === undefined ? null : <RelativeMoment epochMs={door.since} />}
              </span>
              <span className="needs__what">{t(`door.instruction.${door.alarm ?? "forced"}`)}</span>
            </button>
          </li>
        ))}
        {ended.map((event) => (
          <li key={`${event.gateId}/${event.sequence}`} className="needs__item">
            <span className="needs__head">
              <StateMark tone="alarm">{eventText(t, event)}</StateMark>
              <strong>{event.portalName ?? event.readerName ?? event.gateName}</strong>
              <RelativeMoment epochMs={event.earliestAt} />
            </span>
            <span className="needs__what">{t("live.alarmEnded")}</span>
          </li>
        ))}
        {offline.map((gate) => (
          <li key={gate.id} className="needs__item">
            <span className="needs__head">
              <StateMark tone="offline">{t("gate.offline")}</StateMark>
              <strong>{gate.name}</strong>
              {gate.linkSince === undefined ? null : <RelativeMoment epochMs={gate.linkSince} />}
            </span>
            <span className="needs__what">{t("gate.offlineHelp")}</span>
          </li>
        ))}
        {troubles.map((finding) => (
          <li
            key={`${finding.gateId}/${finding.code}/${finding.readerId ?? finding.portalId ?? incidentOf(finding) ?? ""}`}
            className="needs__item"
          >
            <span className="needs__head">
              <StateMark tone={finding.severity === "fault" ? "alarm" : "refused"}>
                {t(`finding.severity.${finding.severity}`)}
              </StateMark>
              <strong>{finding.subject ?? finding.gateName}</strong>
              {finding.gateId === undefined ? null : (
                <Link to={`/doors?gate=${finding.gateId}`}>{t("live.details")}</Link>
              )}
              {incidentOf(finding) === undefined ? null : (
                <Link to={`/incidents/${incidentOf(finding)}`}>{t("live.details")}</Link>
              )}
              {finding.since === undefined ? null : <RelativeMoment epochMs={finding.since} />}
            </span>
            <span className="needs__what">{findingText(t, finding.code)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
