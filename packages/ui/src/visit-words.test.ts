import { expect, test } from "vitest";
import { type VisitTimes, visitWords } from "./visit-words.ts";

const at = (text: string) => Date.parse(`${text}+08:00`);
/** A Tuesday. */
const NOW = at("2026-12-01T14:05:00");

test.each<[VisitTimes, string, string, string | undefined, string | undefined, string, string]>([
  [
    { from: NOW, until: at("2026-12-01T20:00:00"), uses: 1 },
    "今天 14:05 至 20:00",
    "today, 14:05 to 20:00",
    undefined,
    undefined,
    "只能用一次",
    "once only",
  ],
  [
    { from: at("2026-12-02T00:00:00"), until: at("2026-12-03T00:00:00"), uses: 3 },
    "明天全天",
    "all day tomorrow",
    undefined,
    undefined,
    "共 3 次",
    "3 times in all",
  ],
  [
    {
      from: at("2026-12-01T00:00:00"),
      until: at("2027-01-02T00:00:00"),
      weekdays: [2],
      windows: [{ startMinute: 540, endMinute: 720 }],
    },
    "今天至2027年1月1日（周五）",
    "today to Friday 1 January 2027",
    "每周二 09:00–12:00",
    "Tuesdays, 09:00 to 12:00",
    "不限次数",
    "as often as needed",
  ],
  [
    {
      from: NOW,
      until: at("2026-12-05T12:30:00"),
      weekdays: [5, 1, 2, 3, 4],
      windows: [
        { startMinute: 0, endMinute: 60 },
        { startMinute: 1380, endMinute: 1440 },
      ],
    },
    "今天 14:05 至 12月5日（周六） 12:30",
    "today 14:05 to Saturday 5 December 12:30",
    "周一至周五 00:00–01:00、23:00–24:00",
    "Monday to Friday, 00:00 to 01:00, 23:00 to 24:00",
    "不限次数",
    "as often as needed",
  ],
])("says %o in both languages", (times, spanZh, spanEn, hoursZh, hoursEn, usesZh, usesEn) => {
  const zone = "Asia/Shanghai";
  expect(visitWords(times, NOW, "zh-CN", zone)).toEqual({ span: spanZh, hours: hoursZh, uses: usesZh });
  expect(visitWords(times, NOW, "en", zone)).toEqual({ span: spanEn, hours: hoursEn, uses: usesEn });
});
