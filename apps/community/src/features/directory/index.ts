export { type Directory, makeDirectory, type PortalEntry } from "./directory.ts";
export { describeViolations } from "./violations.ts";
