export { isDuplicate } from "./database-errors.ts";
export { type PostgresConnection, type PostgresServer, startPostgres } from "./launcher.ts";
export { migrate } from "./migrate.ts";
export { openServiceDatabase } from "./service-database.ts";
export { moment, openTypedPool } from "./typed-pool.ts";
