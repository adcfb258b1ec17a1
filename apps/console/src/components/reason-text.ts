import { type Instant, type Reason, type ReasonText, reasonText } from "@menshen/domain";
import { formatClock, formatDay } from "@menshen/ui";
import { useCallback } from "react";
import { usePreferences } from "../preferences.tsx";
import { useMomentFormat } from "./moments.tsx";

/** Reasons in this person's language and the community's time zone. */
export function useReasonText(): (reason: Reason) => ReasonText {
  const { language } = usePreferences();
  const format = useMomentFormat();
  return useCallback(
    (reason) =>
      reasonText(reason, language, {
        instant: (at: Instant) => `${formatDay(at, format)} ${formatClock(at, format).slice(0, 5)}`,
      }),
    [language, format],
  );
}
