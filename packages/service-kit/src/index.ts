export * from "./config.ts";
export { destroyFile, openUnbackedDirectory, syncDirectory, writeFileDurably } from "./durable-file.ts";
export * from "./errors.ts";
export * from "./http/parse-request.ts";
export * from "./http/request-safety.ts";
export * from "./lifecycle.ts";
export { type LogFields, type Logger, type LogLevel, makeLogger } from "./logger.ts";
export * from "./migrate.ts";
export {
  type PostgresConnection,
  type PostgresServer,
  startPostgres,
} from "./postgres/launcher.ts";
export { openServiceDatabase } from "./postgres/service-database.ts";
export * from "./problem.ts";
export * from "./rate-limit.ts";
export * from "./state-lock.ts";
export * from "./token.ts";
