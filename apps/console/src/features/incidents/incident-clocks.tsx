import { INCIDENT_TEXTS } from "@menshen/domain";
import { StateMark, type StateTone } from "@menshen/ui";
import { type Incident, incidentEndpoints, type ReportAuthority, type ReportClock } from "@menshen/wire";
import { Button } from "antd";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ExactMoment, useNow } from "../../components/moments.tsx";
import { useOwnLanguage } from "./use-own-language.ts";

const MINUTE_MS = 60_000;
const NOW_EVERY_MS = 15_000;
const TONES: Readonly<Record<NonNullable<ReportClock["alarm"]> | "running", StateTone>> = {
  running: "quiet",
  half: "refused",
  nearly: "alarm",
  missed: "alarm",
};

function spanText(text: TFunction<"incidents">, ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  return h === 0 ? text("clock.minutes", { m }) : text("clock.hours", { h, m });
}

/** How a clock stands, in a word and with the time that is left. */
export function ClockState(props: { clock: ReportClock; now: number }) {
  const { t: text } = useTranslation("incidents");
  const { clock, now } = props;
  const { alarm, reportedAt, dueAt } = clock;
  if (reportedAt !== undefined) {
    return (
      <StateMark tone={alarm === "missed" ? "alarm" : "granted"}>
        {text(alarm === "missed" ? "clock.reportedLate" : "clock.reported")}
      </StateMark>
    );
  }
  const state = alarm ?? "running";
  const isOver = now >= dueAt;
  return (
    <>
      <StateMark tone={TONES[state]}>{text(`clock.${state}`)}</StateMark>
      <span>
        {text(isOver ? "clock.over" : "clock.left", { time: spanText(text, Math.abs(dueAt - now)) })}
      </span>
    </>
  );
}

/** The clocks of one incident; each is stopped once its authority has the report. */
export function IncidentClocks(props: { incident: Incident; isComplete: boolean; mayHandle: boolean }) {
  const { t: text } = useTranslation("incidents");
  const own = useOwnLanguage();
  const now = useNow(NOW_EVERY_MS);
  const { incident, isComplete, mayHandle } = props;
  const { id, clocks } = incident;
  const report = useChange((authority: ReportAuthority) =>
    call(incidentEndpoints.reported, { params: { id }, body: { authority } }),
  );
  const waits = clocks.some(({ reportedAt }) => reportedAt === undefined);
  return (
    <section className="section" aria-labelledby="clocks">
      <h2 id="clocks">{text("clock.title")}</h2>
      {clocks.length === 0 ? <p>{text("clock.none")}</p> : null}
      {clocks.map((clock) => {
        const { authority, startedAt, dueAt, reportedAt, alarm } = clock;
        const who = INCIDENT_TEXTS.authority[authority][own];
        const end = reportedAt ?? now;
        const percent = Math.min(
          100,
          Math.max(0, Math.round(((end - startedAt) / (dueAt - startedAt)) * 100)),
        );
        return (
          <div key={authority} className="clock">
            <span className="clock__line">
              <strong>{who}</strong>
              <span className="actions">
                <ClockState clock={clock} now={now} />
              </span>
            </span>
            <div className="clock__bar" role="img" aria-label={text("clock.bar", { who, percent })}>
              <div
                className={`clock__used clock__used--${alarm ?? "running"}`}
                style={{ width: `${percent}%` }}
              />
            </div>
            <p className="quiet">
              {reportedAt === undefined ? (
                <DueText dueAt={dueAt} />
              ) : (
                <>
                  {text("clock.reportedAt")} <ExactMoment epochMs={reportedAt} />
                </>
              )}
            </p>
            {mayHandle && reportedAt === undefined ? (
              <span>
                <Button
                  disabled={!isComplete}
                  loading={report.isPending}
                  onClick={() => report.mutate(authority)}
                >
                  {text("clock.mark", { who })}
                </Button>
              </span>
            ) : null}
          </div>
        );
      })}
      {mayHandle && waits ? (
        <p className="quiet">{text(isComplete ? "clock.markHelp" : "clock.write")}</p>
      ) : null}
    </section>
  );
}

function DueText(props: { dueAt: number }) {
  const { t: text } = useTranslation("incidents");
  // The words around a time stand on either side of it, by language.
  const [before = "", after = ""] = text("clock.due", { when: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <ExactMoment epochMs={props.dueAt} />
      {after}
    </>
  );
}
