/** How a moment is written: 24 h, the community's time zone, whatever the browser's zone is. */
export interface MomentFormat {
  readonly locale: string;
  readonly timeZone: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(format: MomentFormat, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${format.locale}|${format.timeZone}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(format.locale, {
      ...options,
      timeZone: format.timeZone,
      hourCycle: "h23",
    });
    formatters.set(key, found);
  }
  return found;
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };

/** `08:14:02` in the community's time zone. */
export function formatClock(epochMs: number, format: MomentFormat): string {
  return formatter(format, CLOCK).format(epochMs);
}

/** `2026/11/22` or `22/11/2026`, by language. */
export function formatDay(epochMs: number, format: MomentFormat): string {
  return formatter(format, DAY).format(epochMs);
}

/** Day, time and zone: what hovering and exports show. */
export function formatExact(epochMs: number, format: MomentFormat): string {
  return formatter(format, { ...DAY, ...CLOCK, timeZoneName: "short" }).format(epochMs);
}

/** Within an hour relative ("3 min ago"), else the clock time, else the day and the clock time. */
export function formatRelative(epochMs: number, nowMs: number, format: MomentFormat): string {
  const agoMs = nowMs - epochMs;
  if (agoMs >= 0 && agoMs < 3_600_000) {
    const relative = new Intl.RelativeTimeFormat(format.locale, { numeric: "auto", style: "short" });
    return agoMs < 60_000
      ? relative.format(-Math.floor(agoMs / 1_000), "second")
      : relative.format(-Math.floor(agoMs / 60_000), "minute");
  }
  if (formatDay(epochMs, format) === formatDay(nowMs, format)) return formatClock(epochMs, format);
  return `${formatDay(epochMs, format)} ${formatClock(epochMs, format)}`;
}

/** A moment as `<time>`: the text given, the exact time on hover. */
export function Moment(props: { epochMs: number; format: MomentFormat; text?: string }) {
  return (
    <time dateTime={new Date(props.epochMs).toISOString()} title={formatExact(props.epochMs, props.format)}>
      {props.text ?? formatClock(props.epochMs, props.format)}
    </time>
  );
}
