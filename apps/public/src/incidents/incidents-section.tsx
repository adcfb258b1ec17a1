import { INCIDENT_TEXTS } from "@menshen/domain";
import { fillText, StateMark, type StateTone, usePreferences } from "@menshen/ui";
import type {
  IncidentAhead,
  incidentEndpoints,
  PublishedIncident,
  ReportClock,
  ResponseOf,
} from "@menshen/wire";
import { useCommunityMoments } from "../community/use-community.tsx";
import { LogEntry, PublicSection } from "./public-section.tsx";
import { useRecordTexts } from "./texts.ts";
import { usePublicList } from "./use-public-list.ts";

const TONES: Readonly<Record<PublishedIncident["telling"], StateTone>> = {
  told: "granted",
  "not-needed": "refused",
  undecided: "quiet",
};

function useOwn(): "zh-CN" | "en" {
  return usePreferences().language === "en" ? "en" : "zh-CN";
}

export function IncidentsSection(props: { path: string }) {
  const t = useRecordTexts();
  const found = usePublicList<ResponseOf<typeof incidentEndpoints.published>>(props.path);
  return (
    <PublicSection id="incidents" title={t.incidents} path={props.path} found={found}>
      {({ items, ahead }) => (
        <>
          {items.length === 0 ? <p className="plain-quiet">{t.incidentsNone}</p> : null}
          {items.map((incident) => (
            <Incident key={incident.id} incident={incident} />
          ))}
          {ahead.length === 0 ? null : (
            <>
              <h3>{t.ahead}</h3>
              <p className="plain-quiet">{t.aheadHelp}</p>
              <ul className="plain-list">
                {ahead.map((incident) => (
                  <li key={incident.id}>
                    <Ahead incident={incident} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
    </PublicSection>
  );
}

function Incident(props: { incident: PublishedIncident }) {
  const t = useRecordTexts();
  const own = useOwn();
  const moments = useCommunityMoments();
  const { kind, grade, openedAt, publishedAt, affected, cause, remedies, clocks, telling } = props.incident;
  const title = `${INCIDENT_TEXTS.kind[kind][own]} · ${INCIDENT_TEXTS.grade[grade][own]}`;
  return (
    <article aria-label={title}>
      <h3>{title}</h3>
      <p>
        <strong>{fillText(t.affected, { count: affected })}</strong>
      </p>
      <p className="plain-quiet">
        {fillText(t.opened, { when: moments.moment(openedAt) })} ·{" "}
        {fillText(t.published, { when: moments.moment(publishedAt) })}
      </p>
      <dl className="plain-facts">
        <dt>{t.cause}</dt>
        <dd>{cause}</dd>
        <dt>{t.remedies}</dt>
        <dd>{remedies}</dd>
        {clocks.length === 0 ? null : (
          <>
            <dt>{t.clocks}</dt>
            <dd>
              <ul className="plain-list">
                {clocks.map((clock) => (
                  <li key={clock.authority}>
                    <Clock clock={clock} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
      <p>
        <StateMark tone={TONES[telling]}>{t.telling[telling]}</StateMark>
      </p>
      <Decided decided={props.incident} />
    </article>
  );
}

function Clock(props: { clock: ReportClock }) {
  const t = useRecordTexts();
  const own = useOwn();
  const moments = useCommunityMoments();
  const { authority, dueAt, reportedAt, alarm } = props.clock;
  const isLate = alarm === "missed";
  const word = !isLate && reportedAt !== undefined ? t.onTime : reportedAt === undefined ? t.missed : t.late;
  return (
    <>
      {INCIDENT_TEXTS.authority[authority][own]}{" "}
      <StateMark tone={isLate ? "alarm" : "granted"}>{word}</StateMark>{" "}
      <span className="plain-quiet">
        {fillText(t.due, { when: moments.moment(dueAt) })}
        {reportedAt === undefined ? "" : ` · ${fillText(t.reported, { when: moments.moment(reportedAt) })}`}
      </span>
    </>
  );
}

/** What was decided of telling those affected, and where the log says so. */
function Decided(props: { decided: Pick<PublishedIncident, "notTelling" | "override" | "leaves"> }) {
  const t = useRecordTexts();
  const { notTelling, override, leaves } = props.decided;
  return (
    <>
      {notTelling === undefined ? null : <p>{fillText(t.why, { why: notTelling })}</p>}
      {override === undefined ? null : <p>{fillText(t.override, { ...override })}</p>}
      <p className="plain-quiet">
        {leaves.length === 0 ? <LogEntry index={undefined} /> : null}
        {leaves.map(({ index }, place) => (
          <span key={index}>
            {place === 0 ? "" : " · "}
            <LogEntry index={index} />
          </span>
        ))}
      </p>
    </>
  );
}

function Ahead(props: { incident: IncidentAhead }) {
  const t = useRecordTexts();
  const { id, late } = props.incident;
  return (
    <article>
      <p>
        <strong>{fillText(t.aheadOne, { id: id.slice(0, 8) })}</strong>
      </p>
      {late.map((clock) => (
        <p key={clock.authority}>
          <Clock clock={clock} />
        </p>
      ))}
      <Decided decided={props.incident} />
    </article>
  );
}
