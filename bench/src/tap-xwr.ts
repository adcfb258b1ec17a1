import {
  eventually,
  makeCustodianPrograms,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  processesOfRun,
  type SiteDoor,
  type SmallSite,
  sealsEntries,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import type { VirtualCard } from "@menshen/virtual-devices";
import pg from "pg";
import { measureGateLimits } from "./gate-limits.ts";
import { residentBytesOf } from "./harness/usage.ts";
import { inWorld, type World } from "./harness/world.ts";
import { type Result, rounded } from "./result.ts";
import { middleAndTail, stagesNote } from "./tap.ts";
import { TAP_KINDS } from "./tap-desk.ts";

const TAPS = 100;
const WARM_UP = 12;
/** Taps take turns at the doors, so that a strike has time to fall back. */
const DOORS = 4;
const CREDENTIALS = 100_000;
const DWELLINGS = 1_000;
const PATIENCE_MS = 10_000;

/** Notes when the dialogue with a card begins and ends. */
function watch(card: VirtualCard) {
  const seen = { first: Number.NaN, last: Number.NaN };
  const watched: VirtualCard = {
    ...card,
    transceive(command) {
      if (Number.isNaN(seen.first)) seen.first = performance.now();
      const answer = card.transceive(command);
      seen.last = performance.now();
      return answer;
    },
  };
  return { watched, seen };
}

/** From the moment the card is held until current flows through the strike; milliseconds by stage. */
async function tap(door: SiteDoor, card: VirtualCard): Promise<Record<string, number>> {
  await eventually(
    "the strike has fallen back",
    PATIENCE_MS,
    () => !door.door.released && door.reader.link.secure,
  );
  const known = door.releases.length;
  const { watched, seen } = watch(card);
  const begin = performance.now();
  const held = door.reader.hold(watched);
  await eventually("the strike is released", PATIENCE_MS, () => door.releases.length > known);
  const released = door.releases[known] ?? Number.NaN;
  await held;
  const total = released - begin;
  return Number.isNaN(seen.first)
    ? { total }
    : {
        "until the reader is polled": seen.first - begin,
        "card dialogue": seen.last - seen.first,
        "decision, journal, lock command": released - seen.last,
        total,
      };
}

/** People with constant-number cards, written straight into the database: by the API they would take an hour. */
async function seedCredentials({ postgres }: World, site: SmallSite): Promise<void> {
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    await client.query("begin");
    await client.query(
      "update model_part set version = version + 1 where part in ('site', 'persons', 'credentials')",
    );
    await client.query(
      `insert into dwelling (id, building_id, name)
       select gen_random_uuid(), $1, 'B' || number from generate_series(1, $2::int) number`,
      [site.buildingId, DWELLINGS],
    );
    await client.query(
      `with home as (select id, row_number() over (order by id) - 1 as place from dwelling),
       fresh as (
         insert into person (id, display_name)
         select gen_random_uuid(), 'R' || number from generate_series(1, $1::int) number
         returning id, display_name
       ), housed as (
         select fresh.id, home.id as dwelling_id
         from fresh join home on home.place = substr(fresh.display_name, 2)::int % (select count(*) from home)
       ), residencies as (
         insert into residency (id, person_id, role, dwelling_id)
         select gen_random_uuid(), id, 'tenant', dwelling_id from housed
       )
       insert into credential (id, key, kind, grade, label, sealed_identifier, door_groups, person_id, dwelling_id,
         state, enrolled_at, state_changed_at, model_version)
       select gen_random_uuid(), substr(sha256(id::text::bytea), 1, 16), 'uid', 'E', '0000', '\\x00', '{}', id,
         dwelling_id, 'active', now(), now(), (select version from model_part where part = 'credentials')
       from housed`,
      [CREDENTIALS],
    );
    await client.query("commit");
    await client.query("analyze");
  } finally {
    await client.end();
  }
}

function memoryMb({ runId }: World, app: "gate" | "community"): number {
  const found = processesOfRun(runId).find(({ command }) => command.includes(`apps/${app}/src/main.ts`));
  if (found === undefined) throw new Error(`no ${app} process`);
  return rounded(residentBytesOf(found.pid) / 2 ** 20);
}

/** The whole path over OSDP with secure channel and pass-through, at a real gate process that holds 100,000 credentials. */
export function benchTapXwr(): Promise<Result[]> {
  return inWorld(async (world) => {
    const { api, server, runId } = world;
    const custodians = makeCustodianPrograms({ runId, stateDir: world.folder("custodians") });
    await custodians.begin(api, server.http);
    const site = await makeSmallSite(api);
    await seedCredentials(world, site);
    const gate = await makeSiteGate({
      api,
      server,
      site,
      name: "北区",
      stateDir: world.folder("gate"),
      doorCount: DOORS,
      // Taps follow each other: a lock that was just released for the last one must be shut again.
      planOf: () => ({ unlockMs: 500 }),
    });
    try {
      const residents = [];
      for (const kind of TAP_KINDS)
        residents.push({ kind, ...(await makeResident(api, site, `住户 ${kind}`, kind)) });
      const applyBegin = performance.now();
      const { process: gateProcess } = await startGate({ runId, configFile: gate.configFile });
      await waitForGate(api, gate.gateId, { withinMs: 120_000, readers: 2 * DOORS, and: sealsEntries });
      const readyS = (performance.now() - applyBegin) / 1_000;
      const results: Result[] = [];
      for (const { kind, card } of residents) {
        const times: Record<string, number>[] = [];
        for (let turn = 0; turn < WARM_UP + TAPS; turn++) {
          const door = gate.doors[turn % DOORS];
          if (door === undefined) throw new Error("no doors");
          const time = await tap(door, card);
          if (turn >= WARM_UP) times.push(time);
        }
        const { p50, p99 } = middleAndTail(times.map(({ total = Number.NaN }) => total));
        const stages = stagesNote(times);
        results.push(
          { id: `tap.xwr.${kind}.p50_ms`, value: p50, unit: "ms", better: "lower" },
          {
            id: `tap.xwr.${kind}.p99_ms`,
            value: p99,
            unit: "ms",
            better: "lower",
            note:
              "card held until the strike is released; real gate process, OSDP secure channel over a Unix socket " +
              `(no line time)${stages === "" ? "" : `; ms p50/p99: ${stages}`}`,
          },
        );
      }
      results.push(
        {
          id: "memory.gate_mb",
          value: memoryMb(world, "gate"),
          unit: "MiB",
          better: "lower",
          note: `resident memory with ${CREDENTIALS} credentials (constant-number cards) after ${TAPS * TAP_KINDS.length} taps`,
        },
        {
          id: "memory.community_100k_mb",
          value: memoryMb(world, "community"),
          unit: "MiB",
          better: "lower",
          note: `resident memory of the server process with ${CREDENTIALS} credentials, compiled for one gate`,
        },
        {
          id: "gate.ready_s",
          value: rounded(readyS),
          unit: "s",
          better: "lower",
          note: `from the start of a new gate: enrolment, ${CREDENTIALS} credentials received and applied, ${2 * DOORS} readers on secure channel`,
        },
      );
      const [resident] = residents;
      if (resident === undefined) throw new Error("no residents");
      const limits = await measureGateLimits({
        runId,
        gate,
        process: gateProcess,
        credentials: CREDENTIALS + residents.length,
        tap: async (door) => (await tap(door, resident.card)).total ?? Number.NaN,
        memoryMb: () => memoryMb(world, "gate"),
        async cutOff() {
          server.process.child.kill("SIGTERM");
          await server.process.ended;
        },
      });
      return [...results, ...limits];
    } finally {
      for (const door of gate.doors) await door.close();
    }
  });
}
