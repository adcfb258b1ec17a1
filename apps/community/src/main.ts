import { readFileSync } from "node:fs";
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
import { openServiceDatabase } from "@menshen/service-kit/postgres";
import pg from "pg";
import { systemClock } from "./clock.ts";
import { type CommunityConfig, hostNamesOf, readConfig } from "./config.ts";
import { openDatabase } from "./database/database.ts";
import { CommunityError } from "./errors.ts";
import { startEngineThread, trialThreads } from "./features/detection/index.ts";
import { deltaOf, startCompiler } from "./features/publishing/index.ts";
import { GateLinkError, loadGateLinkKeys, makeGateLink } from "./gate-link/index.ts";
import { openDeskDayKeys } from "./keys/desk-day-keys.ts";
import { keyPlanOf } from "./keys/key-plan.ts";
import { loadLogKey } from "./keys/log-key.ts";
import { openPersonKeys } from "./keys/person-keys.ts";
import { loadStorageKey } from "./keys/storage-key.ts";
import { makeCommunityServer } from "./server.ts";

const MIGRATIONS = fileURLToPath(new URL("../migrations/", import.meta.url));
const CONSOLE = fileURLToPath(new URL("../../console/dist/", import.meta.url));
const PAGE_APPS = [
  {
    prefix: "/resident/",
    folder: fileURLToPath(new URL("../../resident/dist/", import.meta.url)),
    usesCamera: true,
  },
  {
    prefix: "/public/",
    folder: fileURLToPath(new URL("../../public/dist/", import.meta.url)),
    more: ["visit", "conformity", "complaints", "incidents", "evidence"],
  },
];
const PACKAGE = fileURLToPath(new URL("../package.json", import.meta.url));
/** Gates get the days' turn of schedules, renewed snapshots and new alarms at least this often. */
const REFRESH_MS = 6 * 3_600_000;
/** What has outlived its time is gone within an hour. */
const TIDY_MS = 3_600_000;
/** A start has more urgent work: gates that were waiting for the server deliver. */
const FIRST_TIDY_MS = 600_000;

const logger = makeLogger({ app: "community" });
await runService({
  logger,
  start: (stopOrder) => start(readArguments(), logger, stopOrder),
  exitCode: (error) => (isKeyTrouble(error) ? 78 : exitCodeOf(error)),
});

function isKeyTrouble(error: unknown): boolean {
  return (
    (error instanceof CommunityError &&
      (error.code === "keys-unreadable" || error.code === "bad-configuration")) ||
    (error instanceof GateLinkError && error.code === "keys-unreadable")
  );
}

function readArguments(): CommunityConfig {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new ServiceError("config-invalid", "expected --config FILE");
  return readConfig(values.config);
}

async function start(config: CommunityConfig, log: Logger, stopOrder: StopOrder): Promise<void> {
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
  const lost = (error: Error) => log.warn({ error }, "an idle database connection was lost");
  const storageKeyFile = join(stateDir, "keys", "storage.key");
  const storageKey = loadStorageKey(storageKeyFile);
  const personKeys = openPersonKeys(join(stateDir, "keys", "persons"), storageKey);
  const db = openDatabase(connection, lost, personKeys.openText);
  stopOrder.add("database connections", () => db.destroy());
  const pool = new pg.Pool({ ...connection, max: 16, connectionTimeoutMillis: 10_000 });
  pool.on("error", lost);
  stopOrder.add("gate link's database connections", () => pool.end());

  const logPool = new pg.Pool({ ...connection, max: 4, connectionTimeoutMillis: 10_000 });
  logPool.on("error", lost);
  stopOrder.add("evidence log's database connections", () => logPool.end());

  let origin = config.http.publicUrl?.replace(/\/$/, "") ?? "";
  const server = await makeCommunityServer({
    db,
    clock: systemClock,
    logger: log,
    storageKey,
    personKeys,
    keyPlan: keyPlanOf(config.keyService, stateDir),
    deskDayKeys: openDeskDayKeys(join(stateDir, "keys", "desk-days")),
    evidence: {
      secretKey: loadLogKey(join(stateDir, "keys", "log.key")),
      pool: logPool,
    },
    firstCommunity: config.community,
    startCompiler(communityId, settle, access) {
      const compiler = startCompiler({
        plan: { connection, storageKeyFile, communityId },
        access,
        settle,
        logger: log,
      });
      stopOrder.add("compiler", compiler.stop);
      return compiler;
    },
    startEngine: (around) => startEngineThread({ plan: { connection }, logger: log, ...around }),
    startTrial: trialThreads({ connection }),
    makeGateLink: async (community, publisher, trail, sources) =>
      makeGateLink({
        pool,
        clock: systemClock,
        logger: log,
        community,
        keys: await loadGateLinkKeys(stateDir, community.id),
        listen: { gateTls: config.gateTls, mqtt: config.mqtt, publicHost: config.publicHost },
        compileFor: publisher.compileFor,
        deltaOf,
        trail,
        ...sources,
      }),
    publicUrl: () => origin,
    hostNames: hostNamesOf(config),
    passkeyHost: config.http.publicUrl === undefined ? "localhost" : new URL(config.http.publicUrl).hostname,
    https: config.http.publicUrl?.startsWith("https://") ?? false,
    version: readVersion(),
    consoleDir: config.consoleDir === undefined ? CONSOLE : resolve(config.consoleDir),
    pageApps: PAGE_APPS,
    ...(config.demo === undefined ? {} : { demo: config.demo }),
    ...(config.timeStamp === undefined ? {} : { timeStamp: config.timeStamp }),
  });

  // Before any gate hears of a document that a copy of the database from before has brought back.
  await server.eraseReturned();
  const addresses = await server.gateLink.start();
  stopOrder.add("gate link", () => server.gateLink.stop());
  await server.app.listen({ host: config.http.host, port: config.http.port });
  stopOrder.add("http", () => server.close());
  const address = server.app.addresses().find((candidate) => typeof candidate === "object");
  if (address === undefined) throw new ServiceError("config-invalid", "/http: nothing to listen on");
  const http = `http://localhost:${address.port}`;
  if (origin === "") origin = http;

  const refresh = () => {
    server.gateLink
      .markStale((text, values) => pool.query(text, [...values]))
      .then(() => server.gateLink.pushDesired())
      .catch((error: unknown) => log.error({ error }, "gates could not be brought up to date"));
  };
  // At once too: a server that was killed may have sent a revocation and not yet the rest of its change.
  refresh();
  const refreshing = setInterval(refresh, REFRESH_MS);
  stopOrder.add("refresh", () => clearInterval(refreshing));

  server.passes.start();
  server.commands.start();
  server.detection.start();
  server.city.start();
  await server.alarms.follower.start();
  server.lockdowns.startTimer();
  const tidy = () => {
    server.tidy().catch((error: unknown) => log.error({ error }, "what is due could not be deleted"));
  };
  const first = setTimeout(tidy, FIRST_TIDY_MS);
  const tidying = setInterval(tidy, TIDY_MS);
  stopOrder.add("tidying", () => {
    clearTimeout(first);
    clearInterval(tidying);
  });

  const signIn = await server.staff.makeBootstrapCode();
  announceReady({
    http,
    gateTls: addresses.gateTls,
    mqtt: addresses.mqtt,
    ...(signIn === undefined ? {} : { signInLink: signIn.link }),
  });
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, "utf8"));
  return String(version);
}
