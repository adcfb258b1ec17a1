import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { coseSign1, coseVerify1, p256Generate, sha256 } from "@menshen/crypto/node";
import { AccessPointId, GateId } from "@menshen/domain";
import { makeSmallSite, processesOfRun, type SmallSite } from "@menshen/testkit/system";
import {
  accessPointEndpoints,
  decodeJournalEntry,
  externalAad,
  gateEndpoints,
  JOURNAL_BATCH_MAX_ENTRIES,
  journalBatch,
  journalGenesisHash,
  journalHashAfter,
  portalEndpoints,
} from "@menshen/wire";
import pg from "pg";
import { accessEntry, nameOfCard } from "./harness/access-entry.ts";
import { type BatchSender, makeBatchSender } from "./harness/batch-sender.ts";
import { childrenOf, cpuSecondsOf, residentBytesOf } from "./harness/usage.ts";
import { inWorld, type World } from "./harness/world.ts";
import { median, type Result, rounded } from "./result.ts";

const GATES = 8;
const BATCHES_PER_GATE = 25;
const ROUNDS = 3;
const ROWS = GATES * BATCHES_PER_GATE * JOURNAL_BATCH_MAX_ENTRIES;
/** Share of a core from which on a single-threaded stage is what the others wait for. */
const SATURATED = 0.7;
const STAGE_ROUNDS = 101;
const MOST_CASE_S = 60;
const POLL_MS = 10;
const COLUMNS =
  "position, gate_id, sequence, at, received_at, kind, event, granted, reason, subject, pseudonym, entry";

async function makeSender(world: World, site: SmallSite, index: number): Promise<BatchSender> {
  const { api, server } = world;
  const gate = await api.call(gateEndpoints.create, { body: { name: `控制器 ${index + 1}`, doorGroup: 1 } });
  const portal = await api.call(portalEndpoints.create, {
    body: { gateId: gate.id, name: `门 ${index + 1}`, unlockMs: 1_000, heldOpenLimitMs: 10_000 },
  });
  const accessPoint = await api.call(accessPointEndpoints.create, {
    body: {
      portalId: portal.id,
      name: "进",
      fromAreaId: site.outsideId,
      toAreaId: site.insideId,
      minimumGrade: "E",
    },
  });
  const { code } = await api.call(gateEndpoints.enrolmentCode, { params: { id: gate.id } });
  return makeBatchSender({ server, gateId: gate.id, enrolmentCode: code, accessPointId: accessPoint.id });
}

interface Round {
  readonly ingestPerSecond: number;
  readonly copyPerSecond: number;
  /** From the first batch to a case about a card whose second wrong key came behind all batches. */
  readonly toCasePerSecond: number;
  readonly caseBehindS: number;
  readonly wallS: number;
  readonly serverCpuS: number;
  readonly databaseCpuS: number;
  readonly senderCpuS: number;
  readonly copyCpuS: number;
}

async function emptyTable(client: pg.Client): Promise<void> {
  await client.query("truncate event");
  await client.query("checkpoint");
}

async function countRows(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>("select count(*) from event");
  return Number(rows[0]?.count);
}

/** Signed batches through the server's MQTT listener, then the very same rows by COPY into the same table, both empty before. */
async function runRound(world: World, client: pg.Client, senders: readonly BatchSender[]): Promise<Round> {
  const server = serverProcess(world);
  const postmaster = world.postgres.pids().postmaster;
  if (postmaster === undefined) throw new Error("no database");
  const databaseCpu = () =>
    [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);

  for (const sender of senders) sender.prepare(BATCHES_PER_GATE);
  await emptyTable(client);
  const before = { server: cpuSecondsOf(server), database: databaseCpu(), own: process.cpuUsage() };
  const begin = performance.now();
  await Promise.all(senders.map((sender) => sender.send()));
  const wallS = (performance.now() - begin) / 1_000;
  const own = process.cpuUsage(before.own);
  const serverCpuS = cpuSecondsOf(server) - before.server;
  const databaseCpuS = databaseCpu() - before.database;
  const caseBehindS = await secondsToCase(client, senders);
  const stored = await countRows(client);
  if (stored !== ROWS + 2) throw new Error(`${ROWS} rows and 2 were acknowledged, ${stored} are stored`);

  // COPY from a file on the server's side, read into the page cache by its writing: no client, no encoding, no parsing.
  const { rows } = await client.query<{ directory: string }>(
    "select current_setting('data_directory') as directory",
  );
  const file = `'${rows[0]?.directory}/bench-rows'`;
  await client.query(`copy (select ${COLUMNS} from event order by position) to ${file} (format binary)`);
  await emptyTable(client);
  const copyCpuBefore = databaseCpu();
  const copyBegin = performance.now();
  await client.query(`copy event (${COLUMNS}) from ${file} (format binary)`);
  const copyS = (performance.now() - copyBegin) / 1_000;
  const copyCpuS = databaseCpu() - copyCpuBefore;
  if ((await countRows(client)) !== stored) throw new Error("COPY stored another number of rows");
  return {
    ingestPerSecond: ROWS / wallS,
    copyPerSecond: ROWS / copyS,
    toCasePerSecond: ROWS / (wallS + caseBehindS),
    caseBehindS,
    wallS,
    serverCpuS,
    databaseCpuS,
    senderCpuS: (own.user + own.system) / 1_000_000,
    copyCpuS,
  };
}

/** Lets a copied card come to a gate, and waits for its case: all that was sent before is judged before it. */
async function secondsToCase(client: pg.Client, [sender]: readonly BatchSender[]): Promise<number> {
  const card = `a copy ${randomUUID()}`;
  const begin = performance.now();
  await sender?.sendCopy(card);
  for (;;) {
    const { rows } = await client.query("select 1 from detection_case where credential = $1", [
      nameOfCard(card),
    ]);
    const seconds = (performance.now() - begin) / 1_000;
    if (rows.length > 0) return seconds;
    if (seconds > MOST_CASE_S) throw new Error(`no case of a copied card within ${MOST_CASE_S} s`);
    await delay(POLL_MS);
  }
}

function serverProcess({ runId }: World): number {
  const found = processesOfRun(runId).find(({ command }) => command.includes("apps/community/src/main.ts"));
  if (found === undefined) throw new Error("no server process");
  return found.pid;
}

/** Durable ingest beside COPY, and the server's memory afterwards. */
export function benchIngest(): Promise<Result[]> {
  return inWorld(async (world) => {
    const memoryBefore = residentBytesOf(serverProcess(world));
    const site = await makeSmallSite(world.api);
    const senders: BatchSender[] = [];
    for (let index = 0; index < GATES; index++) senders.push(await makeSender(world, site, index));
    const client = new pg.Client({ ...world.postgres.connection });
    await client.connect();
    try {
      // Partition, caches and compiled code are there before anything is timed.
      for (const sender of senders) sender.prepare(10);
      await Promise.all(senders.map((sender) => sender.send()));
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await runRound(world, client, senders));
      const memoryMb = residentBytesOf(serverProcess(world)) / 2 ** 20;
      const middle = (part: (round: Round) => number) => median(rounds.map(part));
      const share = (part: (round: Round) => number) => middle((round) => part(round) / round.wallS);
      const shares = {
        server: share((round) => round.serverCpuS),
        database: share((round) => round.databaseCpuS),
        sender: share((round) => round.senderCpuS),
      };
      const [busiest = "none", busiestShare = 0] =
        Object.entries(shares).toSorted((a, b) => b[1] - a[1])[0] ?? [];
      const limit =
        busiestShare >= SATURATED
          ? `limiting stage: ${busiest}`
          : `limiting stage: ${busiest}, though not saturated: it waits for syncs or for other work on this machine`;
      return [
        {
          id: "ingest.per_s",
          value: rounded(middle((round) => round.ingestPerSecond)),
          unit: "1/s",
          better: "higher",
          target: rounded(0.5 * middle((round) => round.copyPerSecond)),
          rivals: [
            {
              name: "PostgreSQL COPY, binary, from a file",
              value: rounded(middle((round) => round.copyPerSecond)),
              ratio: rounded(middle((round) => round.ingestPerSecond / round.copyPerSecond)),
            },
          ],
          note:
            `${GATES} gates, batches of ${JOURNAL_BATCH_MAX_ENTRIES} over TLS and MQTT, signature and chain verified, ` +
            `each commit synced; target is half of COPY; ${limit} (of one core: server ` +
            `${percent(shares.server)}, database ${percent(shares.database)}, sender ${percent(shares.sender)}); ` +
            "the detection engine reads along in a thread of its own",
        },
        {
          id: "ingest.to_case_per_s",
          value: rounded(middle((round) => round.toCasePerSecond)),
          unit: "1/s",
          better: "higher",
          rivals: [
            {
              name: "PostgreSQL COPY, binary, from a file",
              value: rounded(middle((round) => round.copyPerSecond)),
              ratio: rounded(middle((round) => round.toCasePerSecond / round.copyPerSecond)),
            },
          ],
          note:
            `journal, MQTT, database, detection, case: ${ROWS} rows, then the second wrong key of a copied card, until its ` +
            `case stands in the database; the case came ${rounded(middle((round) => round.caseBehindS))} s behind the last row`,
        },
        {
          id: "ingest.server_cpu_us",
          value: rounded(middle((round) => (round.serverCpuS * 1_000_000) / ROWS)),
          unit: "µs",
          better: "lower",
          note: `processor time of the server process for each row, all threads; of it ${serverStages()}`,
        },
        {
          id: "ingest.database_cpu_us",
          value: rounded(middle((round) => (round.databaseCpuS * 1_000_000) / ROWS)),
          unit: "µs",
          better: "lower",
          rivals: [
            {
              name: "PostgreSQL COPY, binary, from a file",
              value: rounded(middle((round) => (round.copyCpuS * 1_000_000) / ROWS)),
              ratio: rounded(middle((round) => round.databaseCpuS / round.copyCpuS)),
            },
          ],
          note: "processor time of PostgreSQL for each row",
        },
        {
          id: "memory.community_mb",
          value: rounded(memoryMb),
          unit: "MiB",
          better: "lower",
          note: `resident memory of the server process after ${ROUNDS * ROWS} ingested rows; ${Math.round(memoryBefore / 2 ** 20)} MiB at start`,
        },
      ];
    } finally {
      for (const sender of senders) sender.close();
      await client.end();
    }
  });
}

/** What the checks of a batch cost by themselves, measured here on a batch of the same form. */
function serverStages(): string {
  const key = p256Generate();
  const gateId = GateId("0190163d-0000-7000-8000-000000000001");
  const accessPointId = AccessPointId("0190163d-0000-7000-8000-000000000002");
  const entries = Array.from({ length: JOURNAL_BATCH_MAX_ENTRIES }, (_, index) =>
    accessEntry(index + 1, accessPointId),
  );
  const previousHash = journalGenesisHash();
  const payload = journalBatch.encode({ version: 1, gateId, firstSequence: 1, previousHash, entries });
  const message = coseSign1({ payload, key, externalAad: externalAad("journal") });
  const stages: Readonly<Record<string, () => unknown>> = {
    signature: () => coseVerify1({ message, key, externalAad: externalAad("journal") }),
    "hash chain": () => journalHashAfter(sha256, previousHash, entries),
    decoding: () => entries.map((entry) => decodeJournalEntry(entry)),
  };
  return Object.entries(stages)
    .map(([name, act]) => `${name} ${rounded(cpuUsOf(act) / JOURNAL_BATCH_MAX_ENTRIES)}`)
    .join(", ")
    .concat(" µs; the rest is TLS, MQTT, rows for the database and memory");
}

/** Median processor time of a call, in microseconds. */
function cpuUsOf(act: () => unknown): number {
  return median(
    Array.from({ length: STAGE_ROUNDS }, () => {
      const begin = process.cpuUsage();
      act();
      const { user, system } = process.cpuUsage(begin);
      return user + system;
    }),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
