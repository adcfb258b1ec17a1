export * from "./config.ts";
export { type LogFields, type Logger, type LogLevel, makeLogger } from "./logger.ts";
export * from "./process.ts";
export * from "./rate-limit.ts";
export * from "./token.ts";
