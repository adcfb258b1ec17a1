import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  processesOfRun,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
  UNIT_ADDRESS,
  waitForGate,
} from "@menshen/testkit/system";
import { decodeJournalEntry, gateEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";
import { descendantsOf, type Tracing, traceProcesses } from "./harness/strace.ts";
import {
  contains,
  type DurabilityClaim,
  findUnsynced,
  parseTrace,
  type SystemCall,
} from "./harness/system-calls.ts";
import { decryptStream, keyLogSecrets, mqttPackets, type Plaintext } from "./harness/tls-records.ts";

const TAPS = 20;
/** SIA OSDP v2.2 §6: start of a frame, and the code of the output command. */
const OSDP_SOM = 0x53;
const OSDP_OUT = 0x68;

/**
 * A killed process leaves its writes in the kernel's page cache, a power cut does not. So these tests look at the
 * system calls of the real processes: nothing is told to the outside before what it tells was synced to the disk.
 */
describe("what is acknowledged is on the disk", () => {
  const { runId, stateDir } = makeRun("sync");
  const keyLogFile = join(stateDir, "tls-keys.log");
  let server: CommunityServer;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let tracing: Tracing | undefined;
  let entries: readonly Uint8Array[];
  let begins: readonly number[];
  let calls: readonly SystemCall[];

  const processNamed = (pattern: RegExp): number => {
    const found = processesOfRun(runId).find(({ command }) => pattern.test(command));
    if (found === undefined) throw new Error(`no process ${pattern}`);
    return found.pid;
  };
  const onlyDoor = (): SiteDoor => {
    const [door] = gate.doors;
    if (door === undefined) throw new Error("no door");
    return door;
  };

  beforeAll(async () => {
    server = await startCommunity({ runId, stateDir });
    const api: Api = await signIn(server.signInLink);
    const site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 1 });
    const { card } = await makeResident(api, site, "陈静", "uid");
    // Enrolment and keys of the secure channel are not looked at: the gate starts again under the trace's eyes.
    const first = await startGate({ runId, configFile: gate.configFile });
    await eventually("the door is ready", 30_000, () => onlyDoor().reader.link.secure);
    first.process.child.kill("SIGTERM");
    await first.process.ended;

    const postgres = processNamed(/\/postgres\b.* -D /);
    const community = processNamed(/apps\/community\/src\/main\.ts/);
    const serverTrace = await traceProcesses(
      [community, postgres, ...descendantsOf(postgres)],
      join(stateDir, "server.trace"),
    );
    tracing = serverTrace;
    gateProcess = await startGate({
      runId,
      configFile: gate.configFile,
      // What the server answers can be read in its own system calls.
      env: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --tls-keylog=${keyLogFile}` },
    });
    const gateTrace = await traceProcesses(
      [processNamed(/apps\/gate\/src\/main\.ts/)],
      join(stateDir, "gate.trace"),
    );
    tracing = {
      async stop() {
        const gateText = await gateTrace.stop();
        return `${gateText}\n${await serverTrace.stop()}`;
      },
    };
    await waitForGate(api, gate.gateId, { readers: 2 });

    const door = onlyDoor();
    let answers = 0;
    door.onReaderEvent((event) => {
      if (event.kind === "led" && event.control.temporary.control === 2) answers += 1;
    });
    const began: number[] = [];
    for (let tap = 1; tap <= TAPS; tap++) {
      began.push(Date.now());
      await door.reader.hold(card);
      await eventually(`the answer to tap ${tap}`, 10_000, () => answers === tap);
      await delay(20);
    }
    begins = began;
    await eventually("every event is stored", 20_000, async () => {
      const { journal } = await api.call(gateEndpoints.status, { params: { id: gate.gateId } });
      return journal.lastSequence === lastSequence(gate);
    });
    const stopped = tracing;
    tracing = undefined;
    calls = parseTrace(await stopped.stop());
    entries = accessEntries(gate);
  });

  afterAll(async () => {
    await tracing?.stop();
    await endInOrder(gateProcess, server);
    for (const door of gate?.doors ?? []) await door.close();
  });

  /** Each tap's entry, and the first output command after the tap: before the next tap there is no other. */
  function lockClaims(traced: readonly SystemCall[]): readonly DurabilityClaim[] {
    const outputs = traced.filter(isOutputCommand);
    return entries.map((entry, index) => {
      const from = begins[index] ?? 0;
      const until = begins[index + 1] ?? Number.POSITIVE_INFINITY;
      return {
        what: `lock output of tap ${index + 1}`,
        isRecordFile: (file) => file.endsWith("/journal.db-wal"),
        isRecord: ({ name, data }) => name.startsWith("pwrite") && contains(data, entry),
        toldLine: outputs.find(({ beganMs }) => beganMs >= from && beganMs < until)?.beganLine,
      };
    });
  }

  it("syncs the journal entry before the lock output", () => {
    expect(entries).toHaveLength(TAPS);
    expect(findUnsynced(calls, lockClaims(calls))).toEqual([]);
  });

  it("would notice a lock output without a sync", () => {
    const without = calls.filter(({ file, name }) => !(name.endsWith("sync") && file.includes("journal.db")));
    expect(without.length).toBeLessThan(calls.length);
    expect(findUnsynced(without, lockClaims(without))).toEqual(
      entries.map((_, index) => `lock output of tap ${index + 1}: told before it was synced`),
    );
  });

  /** Each tap's entry in the database's log, and the PUBACK of the batch that brought it. */
  function acknowledgementClaims(traced: readonly SystemCall[]): readonly DurabilityClaim[] {
    const keyLog = readFileSync(keyLogFile, "utf8");
    const sent = packetsOf(traced, ["write", "writev"], keyLogSecrets(keyLog, "SERVER_TRAFFIC_SECRET_0"));
    const received = packetsOf(traced, ["read"], keyLogSecrets(keyLog, "CLIENT_TRAFFIC_SECRET_0"));
    const batches = received.filter(({ kind, topic }) => kind === "publish" && topic.endsWith("/up/journal"));
    return entries.map((entry, index) => {
      const batch = batches.find(({ payload }) => contains(payload, entry));
      // A page of the log may end within the entry: one half is whole in any case.
      const halves = [entry.subarray(0, entry.length >> 1), entry.subarray(entry.length >> 1)];
      return {
        what: `acknowledgement of tap ${index + 1}`,
        isRecordFile: (file) => file.includes("/pg_wal/"),
        isRecord: ({ name, data }) =>
          name.startsWith("pwrite") && halves.some((half) => contains(data, half)),
        toldLine: sent.find(
          ({ kind, packetId, line }) =>
            batch !== undefined && kind === "puback" && packetId === batch.packetId && line > batch.line,
        )?.line,
      };
    });
  }

  it("syncs the database's log before a gate's batch is acknowledged", () => {
    expect(findUnsynced(calls, acknowledgementClaims(calls))).toEqual([]);
  });

  it("would notice an acknowledgement without a sync", () => {
    const without = calls.filter(({ file, name }) => !(name.endsWith("sync") && file.includes("/pg_wal/")));
    expect(without.length).toBeLessThan(calls.length);
    expect(findUnsynced(without, acknowledgementClaims(without))).toEqual(
      entries.map((_, index) => `acknowledgement of tap ${index + 1}: told before it was synced`),
    );
  });
});

/** A frame of the panel to the indoor unit whose command is an output's: the code stands in clear behind the SCB. */
function isOutputCommand({ name, data, file }: SystemCall): boolean {
  if (name !== "write" && name !== "writev") return false;
  if (!file.startsWith("UNIX") || data[0] !== OSDP_SOM || data[1] !== UNIT_ADDRESS) return false;
  return data[5 + (data[5] ?? 0)] === OSDP_OUT;
}

/** MQTT packets that the calls moved over any TLS connection one of the secrets opens. */
function packetsOf(traced: readonly SystemCall[], names: readonly string[], secrets: readonly Uint8Array[]) {
  const streams = new Map<string, SystemCall[]>();
  for (const call of traced) {
    if (!names.includes(call.name) || !call.file.startsWith("TCP:")) continue;
    const stream = streams.get(call.file) ?? [];
    streams.set(call.file, stream);
    stream.push(call);
  }
  const opened: (readonly Plaintext[])[] = [];
  for (const stream of streams.values()) {
    for (const secret of secrets) opened.push(decryptStream(stream, secret));
  }
  return opened.flatMap(mqttPackets);
}

function openJournal(gate: SiteGate): DatabaseSync {
  return new DatabaseSync(join(gate.stateDir, "state", "journal.db"), { readOnly: true });
}

function lastSequence(gate: SiteGate): number {
  const database = openJournal(gate);
  try {
    return Number(database.prepare("select max(sequence) as last from journal").get()?.last ?? 0);
  } finally {
    database.close();
  }
}

/** Bytes of the access entries, in their order. */
function accessEntries(gate: SiteGate): readonly Uint8Array[] {
  const database = openJournal(gate);
  try {
    return database
      .prepare("select entry from journal order by sequence")
      .all()
      .map(({ entry }) => {
        if (!(entry instanceof Uint8Array)) throw new Error("not a journal row");
        return entry;
      })
      .filter((entry) => decodeJournalEntry(entry).kind === "access");
  } finally {
    database.close();
  }
}
