import { formatClock, formatDay, formatRelative, Moment, type MomentFormat } from "@menshen/ui";
import { useEffect, useMemo, useState } from "react";
import { useSignedIn } from "../api/session.tsx";
import { usePreferences } from "../preferences.tsx";

/** Times as the community writes them: its zone, this person's language. */
export function useMomentFormat(): MomentFormat {
  const { timeZone } = useSignedIn().community;
  const { language } = usePreferences();
  return useMemo(() => ({ locale: language === "en" ? "en-GB" : language, timeZone }), [language, timeZone]);
}

/** Now, renewed every `stepMs`, for texts like "3 min ago". */
export function useNow(stepMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return now;
}

/** Within an hour relative, else exact; the exact time on hover. */
export function RelativeMoment(props: { epochMs: number }) {
  const format = useMomentFormat();
  const now = useNow(15_000);
  return <Moment epochMs={props.epochMs} format={format} text={formatRelative(props.epochMs, now, format)} />;
}

/** Day and time in the community's zone. */
export function ExactMoment(props: { epochMs: number }) {
  const format = useMomentFormat();
  return (
    <Moment
      epochMs={props.epochMs}
      format={format}
      text={`${formatDay(props.epochMs, format)} ${formatClock(props.epochMs, format)}`}
    />
  );
}

/** The day in the community's zone. */
export function DayText(props: { epochMs: number }) {
  const format = useMomentFormat();
  return <Moment epochMs={props.epochMs} format={format} text={formatDay(props.epochMs, format)} />;
}
