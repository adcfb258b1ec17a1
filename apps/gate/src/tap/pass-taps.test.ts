import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { presentVisitor } from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { type Grade, Instant, PortalId } from "@menshen/domain";
import type { PassesMessage } from "@menshen/wire";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFileSeal, type Seal } from "../keys/seal.ts";
import { makeStateKeeper, type StateKeeper } from "../store/state-keeper.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import {
  DOOR_GROUP,
  doorAnswerText,
  makePassGate,
  type PassGateOptions,
  phoneKeyOf,
  phonePassText,
  tokenKeyOf,
  tokenText,
  visitorText,
} from "../testing/test-pass-gate.ts";
import { makeTestPublicLog, type TestPublicLog } from "../testing/test-public-log.ts";
import { ACCESS_POINT, GATE, READER, type TestCredential } from "../testing/test-site.ts";

const START = Date.parse("2026-11-22T21:00:00+08:00");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const resident = crypto.p256FromSecret(crypto.fromHex("11".repeat(32)));
const staff = crypto.p256FromSecret(crypto.fromHex("33".repeat(32)));
const stranger = crypto.p256FromSecret(crypto.fromHex("44".repeat(32)));
const communityKey = crypto.ed25519FromSecret(crypto.fromHex("22".repeat(32)));
const passId = crypto.fromHex("0102030405060708");
const inAnHour = { notBefore: Instant(START - HOUR), notAfter: Instant(START + HOUR) };

let issuer: crypto.BlindRsaKey;
let folder: string;
let seal: Seal;
let keepers: StateKeeper[];
let log: TestPublicLog;

beforeAll(() => {
  issuer = crypto.blindRsaGenerate();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "menshen-pass-"));
  seal = openFileSeal(folder);
  keepers = [];
  log = await makeTestPublicLog();
});
afterEach(() => {
  for (const keeper of keepers) keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

const disk = (name = "state.db") => {
  const keeper = makeStateKeeper(join(folder, name));
  keepers.push(keeper);
  return keeper;
};
const phoneOf = (key: crypto.SigningKey, changes: Partial<TestCredential> = {}): TestCredential => ({
  key: phoneKeyOf(key),
  kind: "phone-pass",
  grade: "C",
  ...changes,
});
const document = (changes: Partial<PassesMessage> = {}): PassesMessage => ({
  version: 1,
  gateId: GATE,
  passesVersion: 1,
  issuedAt: Instant(START),
  communityId: TEST_COMMUNITY_ID,
  communityKey: communityKey.publicKey,
  visits: { on: true, longestS: 7 * 86_400 },
  revoked: [],
  deskPasses: [],
  tokenKeys: [],
  ...changes,
});

/** A gate where resident and member of staff have phone passes that the log proves, the one's by a home. */
async function gate(changes: Partial<PassGateOptions> = {}) {
  const made = await makePassGate({
    startMs: START,
    log,
    seal,
    keeper: changes.keeper ?? disk(),
    phones: [resident, staff],
    credentials: [phoneOf(resident), phoneOf(staff)],
    passes: document(),
    ...changes,
  });
  const home = log.register();
  const leaves = [home.index, log.issue(home, 0, phoneKeyOf(resident)), log.approve(phoneKeyOf(staff))];
  await made.publicLog.receive(await log.prove(leaves, [home]));
  return made;
}

describe("a phone pass", () => {
  test("opens once, at grade C, under the holder's identity, and the lock comes after the record", async () => {
    const one = await gate();
    const code = phonePassText(resident, START);
    expect(await one.desk.scan(READER, code)).toEqual({
      granted: true,
      reasons: [{ code: "rule-allows" }],
      forMs: 5_000,
    });
    expect(one.order).toEqual(["journal", "lock"]);
    expect(one.entries[0]?.body).toMatchObject({ granted: true, kind: "phone-pass", grade: "C" });
    expect(one.entries[0]?.identity).toEqual({ kind: "phone-pass", credentialKey: phoneKeyOf(resident) });
    expect(await one.show(code)).toBe("pass-used");
    // A copy: the custodians can find out whose.
    expect(one.entries[1]?.identity).toEqual({ kind: "phone-pass", credentialKey: phoneKeyOf(resident) });
    expect(await one.show(phonePassText(resident, START))).toBe("opens");
  });

  test("opens a second time at another gate of the group that is out of reach, once, and within its seconds", async () => {
    const [one, two] = [await gate(), await gate({ keeper: disk("other.db") })];
    const code = phonePassText(resident, START);
    expect([await one.show(code), await two.show(code)]).toEqual(["opens", "opens"]);
    expect([await one.show(code), await two.show(code)]).toEqual(["pass-used", "pass-used"]);
    const late = phonePassText(resident, START);
    two.after(25_000);
    expect(await two.show(late)).toBe("pass-expired");
  });

  test("is over 31 s later, and not there yet 6 s early", async () => {
    const one = await gate();
    const screenshot = phonePassText(resident, START);
    one.after(31_000);
    expect(await one.show(screenshot)).toBe("pass-expired");
    expect(await one.show(phonePassText(resident, START + 37_000))).toBe("pass-not-yet-valid");
    expect(await one.show(phonePassText(resident, START + 35_000))).toBe("opens");
  });

  test("from before a start of the gate is refused, one made after it opens", async () => {
    const keeper = disk();
    const code = phonePassText(resident, START + 2_000);
    const before = await gate({ keeper });
    before.after(2_000);
    expect(await before.show(code)).toBe("opens");
    const after = await gate({ keeper, startMs: START + 4_000, upMs: 0 });
    expect(await after.show(code)).toBe("pass-outdated");
    after.after(8_000);
    expect(await after.show(phonePassText(resident, START + 11_000))).toBe("opens");
  });

  test("is for its door group, its community, its signer", async () => {
    const one = await gate();
    expect(await one.show(phonePassText(resident, START, { doorGroup: DOOR_GROUP + 1 }))).toBe(
      "pass-not-here",
    );
    expect(await one.show(phonePassText(resident, START, { doorGroup: DOOR_GROUP }))).toBe("opens");
    expect(await one.show(phonePassText(stranger, START))).toBe("pass-not-accepted");
    expect(one.entries.at(-1)?.body.reasons).toEqual([
      { code: "pass-not-accepted", detail: "unknown-signer" },
    ]);
    expect(one.entries.at(-1)?.identity).toBeUndefined();
  });

  test("is a credential like others: blocked, not in the log, of a lower grade than the door", async () => {
    const blocked = await gate({ credentials: [phoneOf(resident, { status: "blocked" }), phoneOf(staff)] });
    expect(await blocked.show(phonePassText(resident, START))).toBe("credential-blocked");
    const unlogged = await makePassGate({
      startMs: START,
      log,
      seal,
      keeper: disk("third.db"),
      phones: [resident],
      credentials: [phoneOf(resident)],
      passes: undefined,
    });
    expect(await unlogged.show(phonePassText(resident, START))).toBe("credential-not-in-log");
    const safer = await gate({ keeper: disk("fourth.db"), changes: atLeast("B") });
    expect(await safer.show(phonePassText(resident, START))).toBe("grade-too-low");
    const locked = await gate({ keeper: disk("fifth.db"), door: { mode: "locked" } });
    expect(await locked.show(phonePassText(resident, START))).toBe("portal-locked");
  });
});

/** The same door, asking for a grade. */
function atLeast(minimumGrade: Grade): NonNullable<PassGateOptions["changes"]> {
  return (model) => ({
    ...model,
    accessPoints: model.accessPoints.map((accessPoint) => ({ ...accessPoint, minimumGrade })),
  });
}

describe("an answer to the screen's challenge", () => {
  test("opens once, typed or scanned, while it stands there and as long again", async () => {
    const one = await gate();
    const { challenge } = one.challenge();
    const typed = doorAnswerText(resident, { challenge });
    expect(await one.show(typed)).toBe("opens");
    expect(one.entries[0]?.body).toMatchObject({ kind: "phone-pass", grade: "C" });
    expect(await one.show(typed)).toBe("pass-used");
    expect(await one.show(doorAnswerText(staff, { challenge }))).toBe("pass-used");
    one.after(60_000);
    const next = one.challenge().challenge;
    expect(next).not.toEqual(challenge);
    one.after(179_000);
    expect(await one.show(doorAnswerText(resident, { challenge: next }))).toBe("opens");
    one.after(180_000);
    const third = one.challenge().challenge;
    one.after(300_001);
    expect(await one.show(doorAnswerText(resident, { challenge: third }))).toBe("pass-outdated");
  });

  test("to another door, or to nothing that this one asked, does not", async () => {
    const one = await gate();
    const { challenge } = one.challenge();
    const elsewhere = doorAnswerText(resident, { challenge, door: crypto.fromHex("0000000000") });
    expect(await one.show(elsewhere)).toBe("pass-not-here");
    expect(await one.show(doorAnswerText(resident, { challenge: crypto.fromHex("0102030405") }))).toBe(
      "pass-outdated",
    );
    expect(await one.show(doorAnswerText(stranger, { challenge }))).toBe("pass-not-accepted");
    expect(await one.show(doorAnswerText(resident, { challenge }))).toBe("opens");
  });
});

describe("a resident's pass for a visitor", () => {
  test("opens where the resident may enter, at grade D, under the resident's identity", async () => {
    const one = await gate();
    expect(await one.show(visitorText(resident, inAnHour))).toBe("opens");
    expect(one.entries[0]?.body).toMatchObject({
      kind: "pass",
      grade: "D",
      reasons: [{ code: "pass-allows" }],
      lockDriven: true,
    });
    expect(one.entries[0]?.identity).toEqual({ kind: "pass", credentialKey: phoneKeyOf(resident) });
  });

  test("counts its uses, also over a restart, and at another gate apart", async () => {
    const keeper = disk();
    const one = await gate({ keeper });
    const twice = visitorText(resident, { ...inAnHour, uses: 2 });
    expect([await one.show(twice), await one.show(twice), await one.show(twice)]).toEqual([
      "opens",
      "opens",
      "pass-used",
    ]);
    expect(one.entries.at(-1)?.body.reasons).toEqual([{ code: "pass-used", uses: 2 }]);
    expect(await (await gate({ keeper })).show(twice)).toBe("pass-used");
    expect(await (await gate({ keeper: disk("other.db") })).show(twice)).toBe("opens");
  });

  test("with uses does not open when none can be written down, one without does", async () => {
    const one = await gate({ isDiskFull: true });
    expect(await one.show(visitorText(resident, { ...inAnHour, uses: 1 }))).toBe("journal-unavailable");
    expect(await one.show(visitorText(resident, inAnHour))).toBe("opens");
  });

  test("is refused when taken back by who signed it, and by nobody else", async () => {
    const one = await gate();
    const pass = visitorText(resident, { ...inAnHour, passId });
    const until = Instant(START + HOUR);
    one.use(document({ revoked: [{ passId, until, delegate: phoneKeyOf(staff) }] }));
    expect(await one.show(pass)).toBe("opens");
    one.use(document({ revoked: [{ passId, until, delegate: phoneKeyOf(resident) }] }));
    expect(await one.show(pass)).toBe("pass-revoked");
  });

  test("is refused outside its time, its hours and its doors", async () => {
    const one = await gate();
    const shown = (terms: Parameters<typeof visitorText>[1]) => one.show(visitorText(resident, terms));
    const [past, coming] = [Instant(START - 1_000), Instant(START + 1_000)];
    expect(await shown({ ...inAnHour, notAfter: past })).toBe("pass-expired");
    expect(await shown({ ...inAnHour, notBefore: coming })).toBe("pass-not-yet-valid");
    // A Sunday, 21:00.
    expect(await shown({ ...inAnHour, weekdays: [1, 6] })).toBe("pass-outside-hours");
    expect(
      await shown({ ...inAnHour, weekdays: [7], windows: [{ startMinute: 1260, endMinute: 1261 }] }),
    ).toBe("opens");
    const other = PortalId("0197a1b2-0000-7000-8000-0000000000e2");
    expect(await shown({ ...inAnHour, portals: [other] })).toBe("pass-not-here");
  });

  test("gives no more than the resident has, and no longer than the community allows", async () => {
    const one = await gate();
    const week = { ...inAnHour, notAfter: Instant(START - HOUR + 7 * DAY - 1_000) };
    expect(await one.show(visitorText(resident, week))).toBe("opens");
    const longer = { ...inAnHour, notAfter: Instant(START - HOUR + 7 * DAY) };
    expect(await one.show(visitorText(resident, longer))).toBe("pass-beyond-delegation");
    // Who is proven for no home invites nobody, wherever they may go themselves.
    expect(await one.show(phonePassText(staff, START))).toBe("opens");
    expect(await one.show(visitorText(staff, inAnHour))).toBe("credential-not-in-log");
    expect(await one.show(visitorText(stranger, inAnHour))).toBe("pass-not-accepted");
    const ruled = await gate({ keeper: disk("b.db"), changes: (model) => ({ ...model, rules: [] }) });
    expect(await ruled.show(visitorText(resident, inAnHour))).toBe("pass-not-accepted");
    const blocked = await gate({
      keeper: disk("c.db"),
      credentials: [phoneOf(resident, { status: "blocked" }), phoneOf(staff)],
    });
    expect(await blocked.show(visitorText(resident, inAnHour))).toBe("pass-not-accepted");
    const cards = await gate({
      keeper: disk("d.db"),
      changes: (model) => ({ ...model, rules: model.rules.map((rule) => ({ ...rule, means: ["desfire"] })) }),
    });
    expect(await cards.show(visitorText(resident, inAnHour))).toBe("pass-beyond-delegation");
  });

  test("does nothing where visits are off, or without the document", async () => {
    const off = await gate({ passes: document({ visits: { on: false, longestS: 0 } }) });
    expect(await off.show(visitorText(resident, inAnHour))).toBe("visits-off");
    const none = await gate({ keeper: disk("other.db"), passes: undefined });
    expect(await none.show(visitorText(resident, inAnHour))).toBe("visits-off");
    expect(await none.show(tokenText(issuer))).toBe("visits-off");
  });

  test("comes after the door: its mode, its lockdown, its grade; and is not used up where it stands open", async () => {
    const one = visitorText(resident, { ...inAnHour, uses: 1 });
    const at = async (name: string, changes: Partial<PassGateOptions>) =>
      (await gate({ keeper: disk(name), ...changes })).show(one);
    expect(await at("a.db", { door: { mode: "locked" } })).toBe("portal-locked");
    expect(await at("b.db", { door: { lockdown: 1 } })).toBe("lockdown");
    expect(await at("c.db", { changes: atLeast("C") })).toBe("grade-too-low");
    const keeper = disk("d.db");
    const open = await gate({ keeper, door: { fireRelease: true }, isStanding: true });
    expect(await open.desk.scan(READER, one)).toMatchObject({ granted: true, forMs: 0 });
    expect(open.entries[0]).toMatchObject({ body: { lockDriven: false }, identity: undefined });
    expect(await (await gate({ keeper })).show(one)).toBe("opens");
  });
});

describe("a pass of the desk", () => {
  const listed = (): PassesMessage["deskPasses"] => [
    { passId, until: Instant(START + HOUR), accessPointIds: [ACCESS_POINT] },
  ];
  const { credentialKey } = presentVisitor(crypto, passId);

  test("opens with the log's proof, under an identity of its own, and not without", async () => {
    const one = await gate({ passes: document({ deskPasses: listed() }) });
    const pass = visitorText(communityKey, { ...inAnHour, passId });
    expect(await one.show(pass)).toBe("credential-not-in-log");
    const home = log.register();
    await one.publicLog.receive(await log.prove([home.index, log.issue(home, 0, credentialKey)], [home]));
    expect(await one.show(pass)).toBe("opens");
    expect(one.entries.at(-1)?.identity).toMatchObject({ kind: "pass", credentialKey });
    // Taken back: it is not among those that hold any more.
    one.use(document());
    expect(await one.show(pass)).toBe("pass-revoked");
  });

  test("is not used up where the rules of areas let no visitor in now", async () => {
    let isFull = true;
    const presence: PassGateOptions["presence"] = {
      refusals: () => [],
      refusesVisitor: () => (isFull ? [{ code: "area-full", limit: 9 }] : []),
      answer: () => ({
        admitted: true,
        reasons: [],
        isAwaitingSecond: false,
        hold: undefined,
        persons: 1,
        done: () => undefined,
      }),
    };
    const one = await gate({ presence });
    const once = visitorText(resident, { ...inAnHour, uses: 1 });
    expect(await one.show(once)).toBe("area-full");
    expect(one.entries[0]?.body).toMatchObject({
      granted: false,
      reasons: [{ code: "area-full", limit: 9 }],
    });
    expect(one.entries[0]?.identity).toBeUndefined();
    isFull = false;
    expect([await one.show(once), await one.show(once)]).toEqual(["opens", "pass-used"]);
  });

  test("signed by anybody else is refused", async () => {
    const one = await gate({ passes: document({ deskPasses: listed() }) });
    const forged = visitorText(crypto.ed25519Generate(), { ...inAnHour, passId });
    expect(await one.show(forged)).toBe("pass-not-accepted");
  });
});

describe("a one-time token", () => {
  const day = (changes: object = {}) => ({
    doorGroup: DOOR_GROUP,
    from: Instant(START),
    until: Instant(START + DAY),
    quota: 2,
    ...changes,
  });
  const selling = (changes: object = {}, how?: Parameters<TestPublicLog["publish"]>[2]) =>
    document({ tokenKeys: [tokenKeyOf(log, issuer, day(changes), how)] });

  test("opens once, and nothing says whose it was", async () => {
    const keeper = disk();
    const one = await gate({ keeper, passes: selling() });
    const token = tokenText(issuer);
    expect(await one.show(token)).toBe("opens");
    expect(one.entries[0]?.body).toEqual({
      accessPointId: ACCESS_POINT,
      granted: true,
      reasons: [{ code: "pass-allows" }],
      kind: "pass",
      grade: "D",
      snapshotVersion: 7,
      lockDriven: true,
    });
    expect(one.entries[0]?.identity).toBeUndefined();
    expect(await one.show(token)).toBe("pass-used");
    expect(one.entries[1]?.identity).toBeUndefined();
    const again = await gate({ keeper, passes: selling(), startMs: START + 10_000 });
    expect(await again.show(token)).toBe("pass-used");
    expect(await (await gate({ keeper: disk("other.db"), passes: selling() })).show(token)).toBe("opens");
  });

  test("of one key opens no more often than was issued, over a restart too", async () => {
    const keeper = disk();
    const one = await gate({ keeper, passes: selling() });
    expect([await one.show(tokenText(issuer)), await one.show(tokenText(issuer))]).toEqual([
      "opens",
      "opens",
    ]);
    expect(await one.show(tokenText(issuer))).toBe("pass-quota-spent");
    const again = await gate({ keeper, passes: selling() });
    expect(await again.show(tokenText(issuer))).toBe("pass-quota-spent");
  });

  test("does not open when it cannot be written down", async () => {
    const one = await gate({ isDiskFull: true, passes: selling() });
    expect(await one.show(tokenText(issuer))).toBe("journal-unavailable");
  });

  test("of a key that the log does not prove, with just these terms, is nobody's", async () => {
    const unwitnessed = await gate({ passes: selling({}, { witnessed: false }) });
    expect(await unwitnessed.show(tokenText(issuer))).toBe("pass-not-accepted");
    const proven = tokenKeyOf(log, issuer, day());
    for (const [name, change] of [
      ["a", { quota: 3 }],
      ["b", { until: Instant(START + 2 * DAY) }],
      ["c", { publicKey: crypto.blindRsaGenerate().publicKey }],
    ] as const) {
      const passes = document({ tokenKeys: [{ ...proven, ...change }] });
      const one = await gate({ keeper: disk(`${name}.db`), passes });
      expect(await one.show(tokenText(issuer))).toBe("pass-not-accepted");
    }
  });

  test("is for its group and its day, and not for one that began before the list of spent ones", async () => {
    const show = async (name: string, changes: object) =>
      (await gate({ keeper: disk(name), passes: selling(changes) })).show(tokenText(issuer));
    expect(await show("a.db", { doorGroup: DOOR_GROUP + 1 })).toBe("pass-not-here");
    expect(await show("b.db", { from: Instant(START + 1) })).toBe("pass-not-yet-valid");
    expect(await show("c.db", { from: Instant(START - DAY), until: Instant(START) })).toBe("pass-expired");
    expect(await show("d.db", { from: Instant(START - 60_001) })).toBe("pass-outdated");
  });

  test("spent before the list was damaged does not open again", async () => {
    const keeper = disk();
    const token = tokenText(issuer);
    expect(await (await gate({ keeper, passes: selling() })).show(token)).toBe("opens");
    const [first] = keeper.uses().filter(({ untilMs }) => untilMs < Number.MAX_SAFE_INTEGER);
    if (first === undefined) throw new Error("expected a record");
    keeper.saveUse({ ...first, bytes: new Uint8Array(40) }, 0);
    const again = await gate({ keeper, passes: selling(), startMs: START + 1_000, upMs: 0 });
    expect(await again.show(token)).toBe("pass-outdated");
  });
});

describe("whatever else is shown", () => {
  test.each([
    "",
    "MP:",
    "MP:%%",
    "MC::WKW509V89%2T49PW8KB0*M0RI0E*NZ9F%3",
    "MV:00",
    "MT:00",
    "https://example.org/visit#",
    "https://example.org/visit#v",
    "#t!!",
    "x".repeat(1_200),
    "\u0000\ud800",
  ])("%j is no pass", async (text) => {
    const one = await gate();
    expect(await one.show(text)).toBe("pass-not-accepted");
    expect(one.entries[0]?.body.reasons).toEqual([{ code: "pass-not-accepted", detail: "unreadable" }]);
    expect(one.entries[0]?.identity).toBeUndefined();
  });

  test("a code that is torn anywhere opens nothing", async () => {
    const one = await gate();
    const whole = phonePassText(resident, START);
    for (let length = 0; length < whole.length; length += 7) {
      expect(await one.show(whole.slice(0, length))).toBe("pass-not-accepted");
    }
    expect(await one.show(whole)).toBe("opens");
  });

  test("a reader that reads codes itself goes the same way, and its other characters are a constant", async () => {
    const one = await gate();
    const card = (text: string) => ({ reader: 0, direction: 0, characters: new TextEncoder().encode(text) });
    await one.desk.text(READER, card(phonePassText(resident, START)));
    await one.desk.text(READER, card("0012345"));
    expect(one.entries.map(({ body }) => [body.kind, body.granted])).toEqual([
      ["phone-pass", true],
      ["osdp-raw", false],
    ]);
  });

  test("a visitor's link opens like its code", async () => {
    const one = await gate();
    const code = visitorText(resident, inAnHour);
    const { readPassText, writeVisitFragment } = await import("@menshen/credentials");
    const message = readPassText(code)?.message ?? new Uint8Array();
    const note = { community: "海棠苑", timeZone: "Asia/Shanghai", doors: ["北门"] };
    const link = `https://menshen.example/public/visit#${writeVisitFragment("visitor-pass", message, note)}`;
    expect(await one.show(link)).toBe("opens");
  });
});
