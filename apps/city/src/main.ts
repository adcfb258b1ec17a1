import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  acquireStateLock,
  announceReady,
  exitCodeOf,
  type Logger,
  makeLogger,
  runService,
  ServiceError,
  type StopOrder,
} from "@menshen/service-kit";
import { closeServiceHttp } from "@menshen/service-kit/http";
import { openServiceDatabase } from "@menshen/service-kit/postgres";
import { systemClock } from "./clock.ts";
import { type CityConfig, hostNamesOf, readConfig } from "./config.ts";
import { openDatabase } from "./database/database.ts";
import { CityError } from "./errors.ts";
import { DEFAULT_THRESHOLDS } from "./features/incidents/index.ts";
import { loadEvaluationKey } from "./keys/evaluation-key.ts";
import { makeCityServer } from "./server.ts";

const MIGRATIONS = fileURLToPath(new URL("../migrations/", import.meta.url));
const PAGES = fileURLToPath(new URL("../../city-console/dist/", import.meta.url));

const logger = makeLogger({ app: "city" });
await runService({
  logger,
  start: (stopOrder) => start(readArguments(), logger, stopOrder),
  exitCode: (error) =>
    error instanceof CityError && error.code === "keys-unreadable" ? 78 : exitCodeOf(error),
});

function readArguments(): CityConfig {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new ServiceError("config-invalid", "expected --config FILE");
  return readConfig(values.config);
}

async function start(config: CityConfig, log: Logger, stopOrder: StopOrder): Promise<void> {
  const stateDir = resolve(config.stateDir);
  const lock = acquireStateLock(stateDir);
  stopOrder.add("state lock", () => lock.release());

  const connection = await openServiceDatabase({
    database: config.database,
    stateDir,
    migrations: MIGRATIONS,
    logger: log,
    stopOrder,
  });
  const db = openDatabase(connection, (error) => log.warn({ error }, "an idle database connection was lost"));
  stopOrder.add("database connections", () => db.destroy());

  let origin = config.http.publicUrl?.replace(/\/$/, "") ?? "";
  const server = await makeCityServer({
    db,
    clock: systemClock,
    logger: log,
    keys: await loadEvaluationKey(join(stateDir, "keys", "evaluation.key"), db),
    name: config.name,
    thresholds: { ...DEFAULT_THRESHOLDS, ...config.thresholds },
    hostNames: hostNamesOf(config),
    https: config.http.publicUrl?.startsWith("https://") ?? false,
    publicUrl: () => origin,
    passkeyHost: origin === "" ? "localhost" : new URL(origin).hostname,
    pagesDir: config.pagesDir === undefined ? PAGES : resolve(config.pagesDir),
  });
  await server.app.listen({ host: config.http.host, port: config.http.port });
  stopOrder.add("http", () => closeServiceHttp(server.app));
  const address = server.app.addresses().find((candidate) => typeof candidate === "object");
  if (address === undefined) throw new ServiceError("config-invalid", "/http: nothing to listen on");
  const http = `http://localhost:${address.port}`;
  if (origin === "") origin = http;
  const signIn = await server.firstLink();
  announceReady({ http, ...(signIn === undefined ? {} : { signInLink: signIn.link }) });
}
