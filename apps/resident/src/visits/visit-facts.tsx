import { usePreferences, type VisitTimes, visitWords } from "@menshen/ui";
import type { VisitPurpose } from "@menshen/wire";
import { useTexts } from "../i18n/texts.ts";

/** What a pass allows, in words. */
export function VisitFacts(props: {
  times: VisitTimes;
  doors: readonly string[];
  purpose: VisitPurpose;
  now: number;
  timeZone: string;
}) {
  const t = useTexts();
  const { language } = usePreferences();
  const { times, doors, purpose, now, timeZone } = props;
  const words = visitWords(times, now, language === "en" ? "en" : "zh-CN", timeZone);
  const onPaper = visitWords(times, 0, language === "en" ? "en" : "zh-CN", timeZone);
  return (
    <ul className="visit-facts">
      <li>{t.visits.purpose[purpose]}</li>
      <li>
        <span className="plain-no-print">{words.span}</span>
        <span className="plain-only-print">{onPaper.span}</span>
      </li>
      {words.hours === undefined ? null : <li>{words.hours}</li>}
      <li>{words.uses}</li>
      <li>{t.visits.forDoors.replace("{{doors}}", doors.join(t.common.separator))}</li>
    </ul>
  );
}
