export { MOST_HOLDERS, type MusterEntry, type RecordedMove } from "./book.ts";
export {
  type JudgeInput,
  type Judgement,
  judgePresence,
  type PresenceTap,
  SECOND_PERSON_MS,
  type SiteView,
} from "./judge.ts";
export { compileDoorPlan, type DoorPlan, type Passage, type RuledArea } from "./plan.ts";
export { makePresence, type Presence, type PresenceOptions, type SavedPresence } from "./presence.ts";
export type { CountCorrection, PresenceDelta, Stamp, Whereabouts } from "./records.ts";
export { MOST_AHEAD_MS } from "./site-clock.ts";
