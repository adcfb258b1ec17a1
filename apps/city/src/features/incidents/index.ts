export { makeIncidents } from "./incidents.ts";
export { judge } from "./judge.ts";
export { patternsOf } from "./patterns.ts";
export { DEFAULT_THRESHOLDS, type Thresholds } from "./thresholds.ts";
