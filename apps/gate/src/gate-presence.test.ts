import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccessPointId, AreaId, CredentialKey, GateId, Instant, PortalId } from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import type { DoorRulesMessage } from "@menshen/wire";
import { afterEach, expect, test, vi } from "vitest";
import { type GatePresence, openGatePresence } from "./gate-presence.ts";
import { indexCardKeys } from "./held/card-keys.ts";
import { makeSeal } from "./keys/seal.ts";
import { doorRulesOf } from "./presence/door-rules.ts";
import { makeStateKeeper } from "./store/state-keeper.ts";
import { makeTestAuthority, makeTestIdentity, type TestGateIdentity } from "./testing/test-authority.ts";
import { TEST_COMMUNITY_ID } from "./testing/test-community.ts";
import { PLAIN_PORTAL } from "./testing/test-portal.ts";

const id = (digit: string, number: number) => `${digit.repeat(8)}-0000-4000-8000-00000000000${number}`;
const OUTSIDE = AreaId(id("e", 1));
const INSIDE = AreaId(id("e", 2));
const CARD = CredentialKey(new Uint8Array(16).fill(1));
const PHONE = CredentialKey(new Uint8Array(16).fill(2));
const OTHER = CredentialKey(new Uint8Array(16).fill(3));
const VISIT = CredentialKey(new Uint8Array(16).fill(4));
const resident = (credentialKey: CredentialKey) => ({ credentialKey, isVisitor: false });

const authority = await makeTestAuthority();
const identities = await Promise.all(
  [1, 2, 3].map((number) => makeTestIdentity(authority, GateId(id("a", number)))),
);
const entryOf = (gate: number) => AccessPointId(id("c", gate));
const exitOf = (gate: number) => AccessPointId(id("d", gate));
const portalOf = (gate: number) => PortalId(id("b", gate));

const cardKeys = indexCardKeys({
  version: 1,
  gateId: GateId(id("a", 1)),
  keyringVersion: 1,
  doorGroup: 1,
  trailKeys: [],
  cards: [],
  sharedKeys: [],
  desfireApplication: new Uint8Array(3),
  // Card and phone of one person, and another person's card.
  holders: [
    { credentialKey: CARD, holder: new Uint8Array(8).fill(7), isStaff: false, needsEscort: false },
    { credentialKey: PHONE, holder: new Uint8Array(8).fill(7), isStaff: false, needsEscort: false },
    { credentialKey: OTHER, holder: new Uint8Array(8).fill(8), isStaff: false, needsEscort: false },
  ],
});

const logger = makeLogger({ app: "gate", level: "error" });
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A gate with one door into the area, and one reader on each side of it. */
interface TestGate {
  readonly number: number;
  presence: GatePresence;
  peers: DoorRulesMessage["peers"];
  readonly events: string[];
  enter(key: CredentialKey, isVisitor?: boolean): string;
  leave(key: CredentialKey): string;
  restart(): Promise<void>;
  keep(): void;
}

async function gate(
  number: number,
  area: Partial<DoorRulesMessage["areas"][number]>,
  folder = scratch(),
): Promise<TestGate> {
  const identity = identities[number - 1];
  if (identity === undefined) throw new Error("expected one of three gates");
  const keeper = makeStateKeeper(join(folder, "state.db"));
  stops.push(() => keeper.close());
  let rules: { readonly message: DoorRulesMessage; readonly rules: ReturnType<typeof doorRulesOf> };
  let port = 0;
  const events: string[] = [];
  const portal = {
    ...PLAIN_PORTAL,
    portalId: portalOf(number),
    isStanding: () => false,
    unlockMs: () => 5_000,
  };
  const open = async (): Promise<GatePresence> => {
    const presence = await openGatePresence({
      config: { site: { host: "127.0.0.1", port } },
      identity: () => identity,
      held: { doorRules: () => rules, cardKeys: () => cardKeys },
      portals: () => [portal],
      state: {
        presence: async () => keeper.presence(),
        savePresence: async (records, endedMs) => keeper.savePresence(records, endedMs),
      },
      seal: makeSeal(new Uint8Array(32).fill(9)),
      clock: {
        now: () => ({ earliest: Instant(Date.now()), latest: Instant(Date.now() + 20) }),
        monotonicMs: () => performance.now(),
      },
      journal: {
        append: async ({ body }) => ({
          stored: true,
          sequence: events.push("event" in body ? body.event : "access"),
        }),
      },
      findings: { set: () => undefined },
      logger,
    });
    port = presence.port ?? 0;
    return presence;
  };
  const made = {
    number,
    peers: [] as DoorRulesMessage["peers"],
    events,
    keep() {
      const message: DoorRulesMessage = {
        version: 1,
        gateId: identity.gateId,
        doorRulesVersion: 1,
        issuedAt: Instant(0),
        communityId: TEST_COMMUNITY_ID,
        areas: [
          { areaId: INSIDE, antiPassback: "hard", countsOnlyConfirmed: false, whenApart: "refuse", ...area },
        ],
        portals: [],
        accessPoints: [1, 2].flatMap((at) => {
          const common = { portalId: portalOf(at), gateId: GateId(id("a", at)) };
          return [
            { ...common, id: entryOf(at), fromAreaId: OUTSIDE, toAreaId: INSIDE },
            { ...common, id: exitOf(at), fromAreaId: INSIDE, toAreaId: OUTSIDE },
          ];
        }),
        peers: made.peers,
        presenceHours: 24,
        alarms: { preAlarmMs: 10_000 },
        outsideAreaId: OUTSIDE,
      };
      rules = { message, rules: doorRulesOf(message) };
    },
  };
  made.keep();
  const first = await open();
  const running: TestGate = Object.assign(made, {
    presence: first,
    enter(key: CredentialKey, isVisitor = false) {
      const answer = running.presence.room.answer(entryOf(number), portal, { credentialKey: key, isVisitor });
      answer.done();
      return answer.admitted ? "in" : answer.reasons.map(({ code }) => code).join();
    },
    leave(key: CredentialKey) {
      const answer = running.presence.room.answer(exitOf(number), portal, resident(key));
      answer.done();
      return answer.admitted ? "out" : answer.reasons.map(({ code }) => code).join();
    },
    async restart() {
      await running.presence.stop();
      running.presence = await open();
    },
  });
  stops.push(() => running.presence.stop());
  return running;
}

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "gate-presence-"));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function identityOf(one: TestGate): TestGateIdentity {
  const identity = identities[one.number - 1];
  if (identity === undefined) throw new Error("expected one of three gates");
  return identity;
}

function meet(one: TestGate, other: TestGate): void {
  for (const [here, there] of [
    [one, other],
    [other, one],
  ] as const) {
    const { gateId, keySha256 } = identityOf(there);
    here.peers = [{ gateId, host: "127.0.0.1", port: there.presence.port ?? 0, keySha256 }];
    here.keep();
    here.presence.review();
  }
}

const hears = (one: TestGate) => one.presence.room.silentGates().length === 0;
const until = (check: () => void, timeout = 8_000) => vi.waitFor(check, { timeout, interval: 20 });

test("card and phone are one person at all gates, cut off what the setting says holds, healed all agree within 5 s", async () => {
  const [a, b] = await Promise.all([gate(1, {}), gate(2, {})]);
  expect(a.enter(CARD)).toBe("gates-apart");
  meet(a, b);
  await until(() => expect([hears(a), hears(b)]).toEqual([true, true]));
  expect(a.enter(CARD)).toBe("in");
  await until(() => expect(b.presence.room.occupancy(INSIDE)).toBe(1));
  expect(b.enter(PHONE)).toBe("anti-passback");
  expect(b.leave(PHONE)).toBe("out");
  await until(() => expect(a.presence.room.occupancy(INSIDE)).toBe(0));
  expect(a.enter(CARD)).toBe("in");

  // Cut: every connection closes, and none can be made.
  const { presence } = b;
  await presence.stop();
  await until(() => expect(hears(a)).toBe(false));
  expect(a.enter(OTHER)).toBe("gates-apart");
  expect(a.leave(CARD)).toBe("out");
  await until(() => expect(a.events).toContain("gates-apart"));

  const healedMs = performance.now();
  await b.restart();
  await until(() => expect([hears(a), hears(b)]).toEqual([true, true]));
  await until(() => expect(b.presence.room.occupancy(INSIDE)).toBe(0));
  expect(performance.now() - healedMs).toBeLessThan(5_000);
  expect(b.enter(PHONE)).toBe("in");
  await until(() => expect(a.enter(CARD)).toBe("anti-passback"));
  await until(() => expect(a.events).toContain("gates-together"));
}, 30_000);

test("what was known is known after a restart, and stands on the disk sealed", async () => {
  const folder = scratch();
  const a = await gate(1, { whenApart: "admit", antiPassback: "soft", occupancyLimit: 2 }, folder);
  expect(a.enter(CARD)).toBe("in");
  expect(a.enter(VISIT, true)).toBe("in");
  a.presence.room.setCount(OUTSIDE, 0);
  await a.restart();
  expect(a.presence.room.occupancy(INSIDE)).toBe(2);
  const [person] = a.presence.room.muster();
  expect(person?.holders).toContain("0707070707070707");
  const keeper = makeStateKeeper(join(folder, "state.db"));
  for (const { bytes, name } of keeper.presence()) {
    expect(Buffer.concat([bytes, name]).includes(Buffer.alloc(8, 7))).toBe(false);
  }
  keeper.close();
});

test("where the rule asks for it a person has moved only when the door was seen open", async () => {
  const a = await gate(1, { whenApart: "admit", countsOnlyConfirmed: true });
  expect(a.enter(CARD)).toBe("in");
  expect(a.presence.room.occupancy(INSIDE)).toBe(0);
  a.presence.room.opened(portalOf(1));
  expect(a.presence.room.occupancy(INSIDE)).toBe(1);
});

test("a guard forgives a person, and sets a count", async () => {
  const a = await gate(1, { whenApart: "admit", antiPassback: "hard" });
  expect(a.enter(CARD)).toBe("in");
  const { room } = a.presence;
  const [entry] = room.muster();
  const [holder] = entry?.holders ?? [];
  if (holder === undefined) throw new Error("expected somebody inside");
  room.forgive(holder);
  expect(room.occupancy(INSIDE)).toBe(0);
  room.setCount(INSIDE, 12);
  expect(room.occupancy(INSIDE)).toBe(12);
});
