import { setTimeout as delay } from "node:timers/promises";
import {
  type Api,
  eventually,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import {
  commandEndpoints,
  credentialEndpoints,
  gateEndpoints,
  lockdownEndpoints,
  lockdownPlanEndpoints,
} from "@menshen/wire";
import { startBareGate } from "./harness/bare-gate.ts";
import { inWorld, type World } from "./harness/world.ts";
import { type Result, rounded } from "./result.ts";
import { middleAndTail } from "./tap.ts";

const DOORS = 4;
const COMMANDS = 100;
const WARM_UP = 8;
const REVOCATIONS = 50;
const REVOCATION_TARGET_MS = 2_000;
const LOCKDOWN_GATES = 10;
const DOORS_PER_GATE = 30;
const LOCKDOWNS = 5;
const LOCKDOWN_TARGET_S = 2;
const LOOK_EVERY_MS = 10;

/**
 * From the request for an unlock at the server until current flows through the strike; from a card's block until its
 * gate refuses it; from the start of a lockdown until every door adopted it.
 */
export async function benchCommand(): Promise<Result[]> {
  return [...(await inWorld(measureCommands)), ...(await inWorld(measureLockdown))];
}

async function measureCommands(world: World): Promise<Result[]> {
  const { api, server, runId } = world;
  const site = await makeSmallSite(api);
  const stateDir = world.folder("gate");
  const gate = await makeSiteGate({
    api,
    server,
    site,
    name: "北区",
    stateDir,
    doorCount: DOORS,
    planOf: () => ({ unlockMs: 500 }),
  });
  try {
    await startGate({ runId, configFile: gate.configFile });
    await waitForGate(api, gate.gateId, { readers: 2 * DOORS });
    const timesMs: number[] = [];
    for (let turn = 0; turn < WARM_UP + COMMANDS; turn++) {
      const door = gate.doors[turn % DOORS];
      if (door === undefined) throw new Error("no doors");
      await eventually("the strike has fallen back", 10_000, () => !door.door.released);
      const known = door.releases.length;
      const begin = performance.now();
      await api.call(commandEndpoints.give, { body: { kind: "unlock", portalId: door.portalId } });
      await eventually("the strike is released", 10_000, () => door.releases.length > known);
      if (turn >= WARM_UP) timesMs.push((door.releases[known] ?? Number.NaN) - begin);
    }
    const { p50, p99 } = middleAndTail(timesMs);
    const { credential } = await makeResident(api, site, "陈静", "desfire");
    const revocation = middleAndTail(await timeRevocations(api, gate.gateId, credential.id));
    const note =
      "from the request at the server, signed there, over the broker, checked and remembered durably at a real gate " +
      "process, over OSDP with secure channel, until the strike is released";
    return [
      { id: "command.effect_p50_ms", value: p50, unit: "ms", better: "lower", note },
      { id: "command.effect_p99_ms", value: p99, unit: "ms", better: "lower", note },
      {
        id: "revocation.applied_p99_ms",
        value: revocation.p99,
        unit: "ms",
        better: "lower",
        target: REVOCATION_TARGET_MS,
        note: `${REVOCATIONS} blocks of a card, each until the server knows that the gate holds the rules without it`,
      },
    ];
  } finally {
    for (const door of gate.doors) await door.close();
  }
}

async function timeRevocations(api: Api, gateId: string, id: string): Promise<readonly number[]> {
  const snapshot = async () => (await api.call(gateEndpoints.status, { params: { id: gateId } })).snapshot;
  const changed = async (change: () => Promise<unknown>) => {
    const { desired } = await snapshot();
    await change();
    await eventually(
      "the gate holds the change",
      30_000,
      async () => ((await snapshot()).applied ?? 0) > desired,
    );
  };
  const timesMs: number[] = [];
  await eventually("the gate knows the card", 30_000, async () => {
    const { desired, applied } = await snapshot();
    return applied === desired;
  });
  for (let turn = 0; turn < WARM_UP + REVOCATIONS; turn++) {
    const begin = performance.now();
    await changed(() => api.call(credentialEndpoints.block, { params: { id } }));
    if (turn >= WARM_UP) timesMs.push(performance.now() - begin);
    await changed(() => api.call(credentialEndpoints.unblock, { params: { id } }));
  }
  return timesMs;
}

async function measureLockdown(world: World): Promise<Result[]> {
  const { api } = world;
  await makeSmallSite(api);
  for (let index = 0; index < LOCKDOWN_GATES; index++) await startBareGate(world, index, DOORS_PER_GATE);
  const doors = LOCKDOWN_GATES * DOORS_PER_GATE;
  const timesS: number[] = [];
  for (let round = 0; round < LOCKDOWNS; round++) {
    const plan = await api.call(lockdownPlanEndpoints.create, {
      body: { name: `全区封门 ${round + 1}`, rank: 1, level: round % 2 === 0 ? 2 : 3, durationMinutes: 5 },
    });
    const begin = performance.now();
    const { id } = await api.call(lockdownEndpoints.start, { body: { planId: plan.id, drill: false } });
    for (;;) {
      const { items } = await api.call(lockdownEndpoints.list, { query: { active: true } });
      if (items.find((one) => one.id === id)?.adoptedCount === doors) break;
      if (performance.now() - begin > 60_000) throw new Error("a lockdown was not adopted within a minute");
      await delay(LOOK_EVERY_MS);
    }
    timesS.push((performance.now() - begin) / 1_000);
  }
  return [
    {
      id: "lockdown.adopted_300_s",
      value: rounded(Math.max(...timesS)),
      unit: "s",
      better: "lower",
      target: LOCKDOWN_TARGET_S,
      note:
        `slowest of ${LOCKDOWNS}: from the request until the server knows that all ${doors} doors of ` +
        `${LOCKDOWN_GATES} real gate processes adopted it; their locks are not wired`,
    },
  ];
}
