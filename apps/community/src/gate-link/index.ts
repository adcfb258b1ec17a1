export { GateLinkError, type GateLinkErrorCode } from "./errors.ts";
export type * from "./types.ts";
