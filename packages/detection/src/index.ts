/** Finding copied credentials in access events: pure, streaming, in bounded memory. See docs/detect.md. */
export type { Case, GateNotice, Sign } from "./case.ts";
export {
  CSV_FORMS,
  type CsvForm,
  type CsvHeader,
  type CsvLine,
  type CsvReader,
  readCsvHeader,
} from "./csv.ts";
export { type DoorMap, type DoorsFault, parseDoors } from "./doors.ts";
export { type Detector, type DetectorCounts, type DetectorOptions, makeDetector } from "./engine.ts";
export { DetectionError, type DetectionErrorCode } from "./errors.ts";
export * from "./event.ts";
export type { GateState } from "./gate-watch.ts";
export type { DayOver } from "./judge.ts";
export {
  DAILY_RULES,
  type DailyRuleId,
  type OnceRuleId,
  RULE_TEXTS,
  RULES,
  type RuleId,
  type Settings,
  STEPS,
  type Step,
  type Weights,
  type WeightTable,
} from "./rules.ts";
export { bucketsOfDay, PROVEN_BIT, probabilityOf } from "./score.ts";
export { DEFAULT_SETTINGS } from "./settings.ts";
