import { formatClock, formatDay } from "@menshen/ui";
import { useMomentFormat } from "../../components/moments.tsx";

/** Day and time as a text, for sentences. */
export function useMomentText(): (epochMs: number) => string {
  const format = useMomentFormat();
  return (epochMs) => `${formatDay(epochMs, format)} ${formatClock(epochMs, format)}`;
}
