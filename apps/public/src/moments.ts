import { formatClock, formatDay, formatRelative, type MomentFormat, usePreferences } from "@menshen/ui";
import { useMemo } from "react";

/** Times in the reader's own zone: the page belongs to no community. */
export function useMoments() {
  const { language } = usePreferences();
  return useMemo(() => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const format: MomentFormat = { locale: language === "en" ? "en-GB" : language, timeZone };
    return {
      moment: (at: number) => `${formatDay(at, format)} ${formatClock(at, format)}`,
      ago: (at: number) => formatRelative(at, Date.now(), format),
    };
  }, [language]);
}
