import { formatClock, formatDay, type MomentFormat, usePreferences } from "@menshen/ui";
import { useMemo } from "react";
import { useDevice } from "../device/device-context.tsx";

/** Times as the community writes them, in this person's language. */
export function useMoments() {
  const { community } = useDevice();
  const { language } = usePreferences();
  const timeZone = community?.timeZone ?? "Asia/Shanghai";
  return useMemo(() => {
    const format: MomentFormat = { locale: language === "en" ? "en-GB" : language, timeZone };
    const weekday = new Intl.DateTimeFormat(format.locale, { timeZone, weekday: "long" });
    const hour = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" });
    return {
      format,
      day: (at: number) => formatDay(at, format),
      dayName: (at: number) => `${formatDay(at, format)} ${weekday.format(at)}`,
      clock: (at: number) => formatClock(at, format).slice(0, 5),
      moment: (at: number) => `${formatDay(at, format)} ${formatClock(at, format).slice(0, 5)}`,
      /** Today by the clock alone. */
      recent: (at: number) =>
        formatDay(at, format) === formatDay(Date.now(), format)
          ? formatClock(at, format).slice(0, 5)
          : `${formatDay(at, format)} ${formatClock(at, format).slice(0, 5)}`,
      hour: (at: number) => Number(hour.format(at)),
    };
  }, [language, timeZone]);
}
