export { readCardSteps } from "./card-steps.ts";
export {
  type CaseRow,
  type StoredTap,
  selectCase,
  selectNotes,
  selectTaps,
  tapName,
} from "./cases.store.ts";
export { startEngineThread } from "./engine-thread.ts";
export { halvesOf } from "./halves.ts";
export { type HeldEntry, selectHeldEntries } from "./holds.store.ts";
export { type Detection, makeDetection, type StartEngine } from "./make-detection.ts";
export { selectSettings } from "./settings.store.ts";
export type { StartTrial } from "./trial.ts";
export { trialThreads } from "./trial-thread.ts";
