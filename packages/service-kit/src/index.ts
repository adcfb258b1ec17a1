export * from "./config.ts";
export * from "./http/parse-request.ts";
export * from "./http/request-safety.ts";
export { type LogFields, type Logger, type LogLevel, makeLogger } from "./logger.ts";
export * from "./migrate.ts";
export {
  type PostgresConnection,
  type PostgresServer,
  startPostgres,
} from "./postgres/launcher.ts";
export { openServiceDatabase } from "./postgres/service-database.ts";
export * from "./problem.ts";
export * from "./process.ts";
export * from "./rate-limit.ts";
export * from "./token.ts";
