export { GateLinkError } from "./errors.ts";
export { EVENT_KIND_NUMBERS } from "./event-row.ts";
export { readStoredEntry } from "./event-store.ts";
export { IS_ENTRY_SQL } from "./forgotten.ts";
export { makeGateLink } from "./gate-link.ts";
export { HANDOVER_MS } from "./handover.ts";
export { makeJournalReader } from "./journal-reader.ts";
export { loadGateLinkKeys } from "./keys.ts";
export type * from "./types.ts";
