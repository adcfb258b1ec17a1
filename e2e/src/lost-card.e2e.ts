import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import {
  CHANGE_REASON_HEADER,
  caseEndpoints,
  credentialEndpoints,
  encodeChangeReason,
  encodeViewReason,
  eventEndpoints,
  fillPath,
  personEndpoints,
  residencyEndpoints,
  VIEW_REASON_HEADER,
} from "@menshen/wire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";

/**
 * R13 in the whole: what was reported lost, or left with its holder, is refused by a real gate, which alone knows that it is
 * such a card. The server hears that, not whose it is, and nothing that leads to where that card was before.
 */
const { runId, stateDir } = makeRun("lost");
let server: CommunityServer;
let api: Api;
let site: SmallSite;
let gate: SiteGate;
let gateProcess: GateProcess;
const cards = new Map<string, SiteCard>();

const cardOf = (name: string): SiteCard => {
  const card = cards.get(name);
  if (card === undefined) throw new Error(`no card \`${name}\``);
  return card;
};
const events = async () => (await api.call(eventEndpoints.list, { query: { kind: "access" } })).items;
const cases = async () => (await api.call(caseEndpoints.list, { query: {} })).items;

async function tap(name: string) {
  const [door] = gate.doors;
  if (door === undefined) throw new Error("the gate has no door");
  const before = (await events()).length;
  await door.reader.hold(cardOf(name).card);
  await eventually("the event is stored", 10_000, async () => (await events()).length === before + 1);
  const [event] = await events();
  return event?.granted === true ? "granted" : event?.reasons?.[0];
}

/** Shows a card until the gate has heard of a change and answers so. */
async function tapUntil(name: string, answer: Awaited<ReturnType<typeof tap>>): Promise<void> {
  await eventually(`the gate answers ${JSON.stringify(answer)} to ${name}`, 20_000, async () =>
    isDeepStrictEqual(await tap(name), answer),
  );
}
const ASTRAY = { code: "credential-blocked", astray: true } as const;
const BLOCKED = { code: "credential-blocked" } as const;

/** The desk's word that whoever lives there asked for it. */
async function moveOut(personId: string): Promise<void> {
  const { items } = await api.call(residencyEndpoints.list, { query: { personId } });
  const [residency] = items;
  const response = await fetch(
    new URL(fillPath(residencyEndpoints.moveOut.path, { id: residency?.id ?? "" }), api.origin),
    {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: api.origin,
        cookie: api.cookie(),
        [CHANGE_REASON_HEADER]: encodeChangeReason({ code: "resident-request" }),
        [VIEW_REASON_HEADER]: encodeViewReason({ code: "maintenance", text: "test" }),
      },
      body: "{}",
    },
  );
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  server = await startCommunity({ runId, stateDir });
  api = await signIn(server.signInLink);
  site = await makeSmallSite(api);
  const gateDir = join(stateDir, "gate-1");
  mkdirSync(gateDir);
  gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 1 });
  for (const name of ["lost", "blocked", "replaced", "left"]) {
    cards.set(name, await makeResident(api, site, name, "desfire"));
  }
  gateProcess = await startGate({ runId, configFile: gate.configFile });
  await waitForGate(api, gate.gateId, { readers: 2 });
}, 120_000);

afterAll(async () => {
  await endInOrder(gateProcess, server);
  for (const door of gate?.doors ?? []) await door.close();
});

it("cards open before anything is said of them, and are nobody's business", async () => {
  for (const name of cards.keys()) expect(await tap(name)).toBe("granted");
  expect(await cases()).toEqual([]);
});

it("R13: a card reported lost makes one case, also once another took its place", async () => {
  const id = cardOf("lost").credential.id;
  await api.call(credentialEndpoints.lost, { params: { id } });
  await tapUntil("lost", ASTRAY);
  await eventually("a case", 20_000, async () => (await cases()).length === 1);
  const body = { kind: "desfire", identifier: "04000000ab0180" } as const;
  await api.call(credentialEndpoints.replace, { params: { id }, body });
  expect(await tap("lost")).toEqual(ASTRAY);
  const [found, ...others] = await cases();
  expect(others).toEqual([]);
  expect(found).toMatchObject({ step: "ask", rules: ["R13"], measures: [] });
  const { signs, taps } = await api.call(caseEndpoints.get, { params: { id: found?.id ?? "" } });
  expect(signs).toMatchObject([{ rule: "R13", inputs: { refusedByGate: 1 } }]);
  // L1: the tap that opened, before it was lost, is not among them.
  expect(taps.map(({ granted }) => granted)).toEqual([false, false]);
});

it("R13: so does a card that its holder left with", async () => {
  await moveOut(cardOf("left").personId);
  await tapUntil("left", ASTRAY);
  await eventually("a second case", 20_000, async () => (await cases()).length === 2);
  expect((await cases()).map(({ rules }) => rules)).toEqual([["R13"], ["R13"]]);
});

it("a card that the desk blocked or replaced makes none", async () => {
  const blocked = cardOf("blocked").credential.id;
  await api.call(credentialEndpoints.block, { params: { id: blocked } });
  await tapUntil("blocked", BLOCKED);
  const replaced = cardOf("replaced").credential.id;
  const body = { kind: "desfire", identifier: "04000000ab0280" } as const;
  await api.call(credentialEndpoints.replace, { params: { id: replaced }, body });
  await tapUntil("replaced", BLOCKED);
  await api.call(personEndpoints.remove, { params: { id: cardOf("left").personId } });
  // What came before these was judged by then: a later use of the lost card is told in the same order.
  expect(await tap("left")).toEqual(ASTRAY);
  await eventually("the last use is in its case", 20_000, async () => {
    const details = await Promise.all(
      (await cases()).map(({ id }) => api.call(caseEndpoints.get, { params: { id } })),
    );
    return details.some(({ taps }) => taps.length === 2 && taps.every(({ granted }) => !granted));
  });
  expect(await cases()).toHaveLength(2);
});

it("a card that was found opens again, and no case says where it is then", async () => {
  const id = cardOf("blocked").credential.id;
  await api.call(credentialEndpoints.lost, { params: { id } });
  await tapUntil("blocked", ASTRAY);
  await eventually("a third case", 20_000, async () => (await cases()).length === 3);
  await api.call(credentialEndpoints.unblock, { params: { id } });
  await tapUntil("blocked", "granted");
  for (const { id: caseId } of await cases()) {
    const { taps } = await api.call(caseEndpoints.get, { params: { id: caseId } });
    expect(taps.every(({ granted }) => !granted)).toBe(true);
  }
  // All that was changed since: the one was replaced, the other's holder removed.
  expect(await tap("lost")).toEqual(ASTRAY);
  expect(await tap("left")).toEqual(ASTRAY);
});
