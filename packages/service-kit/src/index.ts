export * from "./config.ts";
export * from "./errors.ts";
export * from "./lifecycle.ts";
export { type LogFields, type Logger, type LogLevel, makeLogger } from "./logger.ts";
export * from "./migrate.ts";
export * from "./problem.ts";
export * from "./state-lock.ts";
