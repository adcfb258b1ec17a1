import { readFileSync } from "node:fs";
import { fromHex, p256Generate, RistrettoElement, RistrettoScalar } from "@menshen/crypto";
import { uuidBytes } from "@menshen/wire";
import { expect, it } from "vitest";
import { makePackage, type OpeningPackage } from "./opening-package.ts";
import { parsePackageKeys } from "./opening-package-keys.ts";
import { packageFaultText } from "./opening-package-texts.ts";
import { type PackageFault, verifyPackage } from "./opening-package-verify.ts";
import { encodeSealedEntry, parseSealedEntry, sealEntry } from "./sealed-entry.ts";
import {
  ASKED_AT,
  COMMUNITY_SEED,
  DOOR,
  GATE,
  keysFile,
  logOf,
  makePackageWorld,
  NEIGHBOUR_DOOR,
  REQUEST,
} from "./testing/package-world.ts";

const world = await makePackageWorld();
const { content, pinned, random } = world;
const good = makePackage(content, COMMUNITY_SEED);
const HOUR = 3_600_000;
const IN_SCOPE = ASKED_AT - 3 * HOUR;

function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
}
const first = at(content.entries, 0);
const second = at(content.entries, 1);

/** The faults of a package in which the community itself changed something and signed it. */
function faultsOf(change: Partial<OpeningPackage>): readonly PackageFault[] {
  const verdict = verifyPackage(makePackage({ ...content, ...change }, COMMUNITY_SEED), pinned);
  return verdict.verified ? [] : verdict.faults;
}
const codesOf = (change: Partial<OpeningPackage>) => faultsOf(change).map(({ code }) => code);

it("a third party verifies a package offline, with pinned keys only (privacy row P4)", () => {
  expect(verifyPackage(good, pinned)).toEqual({
    verified: true,
    content,
    request: REQUEST,
    leafIndex: 1,
    entries: [
      {
        gateId: GATE,
        sequence: 41,
        accessPointId: DOOR,
        earliest: IN_SCOPE,
        latest: IN_SCOPE + 5,
        granted: true,
        kind: "desfire",
        credentialKey: new Uint8Array(16).fill(41),
        openedBy: ["committee", "city"],
        holder: { name: "王某", dwelling: "1号楼 101" },
      },
      expect.objectContaining({ sequence: 42, openedBy: ["committee", "city"] }),
    ],
  });
});

it("the package of the vectors verifies, and is the one spelling of what it holds", () => {
  const read = (name: string) => readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8");
  const file = read("opening-package.json");
  const verdict = verifyPackage(file, parsePackageKeys(JSON.parse(read("opening-package-keys.json"))));
  if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
  expect(verdict.request).toEqual(REQUEST);
  expect(verdict.entries.map(({ sequence }) => sequence)).toEqual([41, 42]);
  expect(makePackage(verdict.content, COMMUNITY_SEED)).toBe(file);
});

it("a package altered at any place fails (privacy row P4)", () => {
  const step = Math.ceil(good.length / 24);
  for (let place = 3; place < good.length; place += step) {
    const altered = good.slice(0, place) + (good[place] === "1" ? "2" : "1") + good.slice(place + 1);
    expect(verifyPackage(altered, pinned).verified, `place ${place}`).toBe(false);
  }
});

it("somebody else's signature is no signature (privacy row P4)", () => {
  const forged = makePackage(content, fromHex("99".repeat(32)));
  expect(verifyPackage(forged, pinned)).toEqual({
    verified: false,
    faults: [{ code: "bad-signature", part: "package" }],
  });
});

it("a part that is not what its digest says is named (privacy row P4)", () => {
  const [digest] = /(?<="request":")[0-9a-f]{64}/.exec(good) ?? [];
  const altered = good.replace(String(digest), "0".repeat(64));
  expect(verifyPackage(altered, pinned)).toEqual({
    verified: false,
    faults: [
      { code: "bad-signature", part: "package" },
      { code: "wrong-digest", part: "request" },
    ],
  });
});

it("a request that is not in the log opens nothing (privacy row P6)", async () => {
  const request = { ...content.request, salt: new Uint8Array(32) };
  expect(faultsOf({ request })).toContainEqual({
    code: "request-not-logged",
    part: "request",
    detail: "not-included",
  });
  const [unwitnessed] = await logOf([REQUEST], random, 1);
  expect(faultsOf({ request: unwitnessed ?? content.request })).toContainEqual({
    code: "request-not-logged",
    part: "request",
    detail: "too-few-witnesses",
  });
});

it("a logged request beyond the scope is refused all the same (privacy row P1)", async () => {
  const [wide] = await logOf([{ ...REQUEST, from: ASKED_AT - 30 * HOUR, until: ASKED_AT }], random);
  expect(faultsOf({ request: wide ?? content.request })).toContainEqual({
    code: "request-invalid",
    part: "request",
    detail: "window-too-long",
  });
});

it("a neighbouring entry does not get into the request (privacy row P3)", () => {
  const late = world.write(50, ASKED_AT - HOUR);
  expect(codesOf({ entries: [world.open(late, 50)] })).toEqual(["entry-outside-scope"]);
  const nextDoor = world.write(51, IN_SCOPE, { accessPoint: NEIGHBOUR_DOOR });
  expect(codesOf({ entries: [world.open(nextDoor, 51)] })).toEqual(["entry-outside-scope"]);
});

it("nor does its sealed part in an entry of the request, even if the gate signs that (privacy row P3)", () => {
  const { key } = world.keys;
  const label = {
    gate: uuidBytes(GATE),
    sequence: 60,
    accessPoint: uuidBytes(NEIGHBOUR_DOOR),
    timeMs: IN_SCOPE,
  };
  const neighbour = sealEntry({ key, label, plaintext: new Uint8Array(32), random });
  const carried = world.write(60, IN_SCOPE, { sealed: neighbour });
  const partials = world.answer(neighbour, [1, 2]);
  expect(codesOf({ entries: [{ ...first, journal: carried, partials }] })).toEqual(["label-differs"]);

  const parsed = parseSealedEntry(neighbour);
  const asked = { ...label, accessPoint: uuidBytes(DOOR) };
  const relabelled = encodeSealedEntry({ ...parsed, label: asked });
  const written = world.write(60, IN_SCOPE, { sealed: relabelled });
  expect(codesOf({ entries: [{ ...first, journal: written, partials }] })).toEqual(["entry-proof"]);

  const more = RistrettoScalar.random(random);
  const rerandomised = encodeSealedEntry({
    ...parsed,
    label: asked,
    u: parsed.u.plus(RistrettoElement.base.times(more)),
    uBar: parsed.uBar.plus(key.secondGenerator.times(more)),
  });
  const again = world.write(60, IN_SCOPE, { sealed: rerandomised });
  expect(codesOf({ entries: [{ ...first, journal: again, partials }] })).toEqual(["entry-proof"]);
});

it("an entry that no logged gate wrote is refused (privacy row P4)", () => {
  const made = world.write(41, IN_SCOPE, { deviceKey: p256Generate().secretKey });
  expect(codesOf({ entries: [world.open(made, 41)] })).toEqual(["gate-signature"]);
  const changed = new Uint8Array(first.journal);
  const place = changed.lastIndexOf(0xf5);
  changed[place] = 0xf4;
  expect(codesOf({ entries: [{ ...first, journal: changed }] })).toEqual(["gate-signature"]);
  expect(codesOf({ gates: [] })).toEqual(["gate-unknown", "gate-unknown"]);
  const gate = { ...at(content.gates, 0), salt: new Uint8Array(32) };
  expect(codesOf({ gates: [gate] })).toEqual(["gate-not-logged", "gate-unknown", "gate-unknown"]);
  expect(codesOf({ gates: [content.request] })).toEqual(["gate-invalid", "gate-unknown", "gate-unknown"]);
});

it("one custodian opens nothing, and a wrong answer is named by its proof (privacy row P3)", () => {
  const entryOf = (partials: readonly Uint8Array[]) => faultsOf({ entries: [{ ...first, partials }] });
  const rejected = (detail: string) => [{ code: "partial-rejected", part: "entries/1", detail }];
  const [one, three] = [at(first.partials, 0), at(first.partials, 1)];
  expect(entryOf([one])).toEqual([{ code: "too-few-partials", part: "entries/1" }]);
  expect(entryOf([])).toEqual([{ code: "too-few-partials", part: "entries/1" }]);
  expect(entryOf([one, one])).toEqual(rejected("twice"));
  expect(entryOf([one, at(second.partials, 1)])).toEqual(rejected("other-entry"));
  const lent = new Uint8Array(three);
  lent["MENSHEN-PARTIAL".length + 1] = 2;
  expect(entryOf([one, lent])).toEqual(rejected("invalid-proof"));
  lent["MENSHEN-PARTIAL".length + 1] = 9;
  expect(entryOf([one, lent])).toEqual(rejected("unknown-custodian"));
  const forged = new Uint8Array(three);
  forged[forged.length - 32] = at([...three], three.length - 32) ^ 1;
  expect(entryOf([one, forged])).toEqual(rejected("invalid-proof"));
  expect(entryOf([one, three.slice(1)])).toEqual([{ code: "partial-malformed", part: "entries/1" }]);
});

it("answers of another epoch do not open (privacy row P3)", () => {
  const { otherKey } = world.keys;
  const late = world.write(70, IN_SCOPE, { key: otherKey });
  const start = late.indexOf(0x4d);
  const sealed = late.slice(start, start + 283);
  const entry = { ...world.open(first.journal, 70), journal: late };
  expect(faultsOf({ entries: [{ ...entry, partials: world.answer(sealed, [1, 3], otherKey) }] })).toEqual([]);
  expect(codesOf({ entries: [{ ...entry, partials: first.partials }] })).toEqual(["partial-rejected"]);
});

it("keys that the pinned custodians did not make open nothing (privacy row P4)", () => {
  const [ceremony] = content.ceremonies;
  if (ceremony === undefined) throw new Error("no ceremony");
  const vouches = [...ceremony.vouches.slice(0, 2), new Uint8Array(64)];
  const unvouched = [{ ...ceremony, vouches }];
  expect(codesOf({ ceremonies: unvouched })).toEqual([
    "ceremony-invalid",
    "epoch-key-missing",
    "epoch-key-missing",
  ]);
  expect(codesOf({ ceremonies: [{ ...ceremony, certificate: new Uint8Array(40) }] })[0]).toBe(
    "ceremony-invalid",
  );
  expect(codesOf({ ceremonies: [] })).toEqual(["epoch-key-missing", "epoch-key-missing"]);
});

it("what was opened must be what is stated (privacy row P4)", () => {
  expect(codesOf({ entries: [{ ...first, text: second.text }] })).toEqual(["text-differs"]);
  const { key } = world.keys;
  const label = parseSealedEntry(first.journal.slice(first.journal.indexOf(0x4d)).slice(0, 283)).label;
  const sealed = sealEntry({ key, label, plaintext: new Uint8Array(32).fill(9), random });
  const nonsense = world.write(41, IN_SCOPE, { sealed });
  const entry = {
    ...first,
    journal: nonsense,
    partials: world.answer(sealed, [2, 3]),
    text: new Uint8Array(32).fill(9),
  };
  expect(codesOf({ entries: [entry] })).toEqual(["text-malformed"]);
});

it("entries are counted: none twice, no more than asked for (privacy row P1)", async () => {
  expect(faultsOf({ entries: [first, first] })).toEqual([{ code: "entry-twice", part: "entries/2" }]);
  expect(faultsOf({ unopened: [{ gateId: GATE, sequence: 41, reason: "not-sealed" }] })).toEqual([
    { code: "entry-twice", part: "unopened/1" },
  ]);
  const [gate, narrow] = await logOf(
    [JSON.parse(at(content.gates, 0).statement), { ...REQUEST, entryCap: 1 }],
    random,
  );
  expect(codesOf({ gates: [gate ?? content.request], request: narrow ?? content.request })).toEqual([
    "too-many-entries",
  ]);
});

it("what is no access entry, or has nothing sealed, is refused", () => {
  expect(codesOf({ entries: [{ ...first, journal: new Uint8Array(9) }] })).toEqual(["entry-malformed"]);
  const unsealed = world.write(41, IN_SCOPE, { sealed: new Uint8Array(3) });
  expect(codesOf({ entries: [{ ...first, journal: unsealed }] })).toEqual(["entry-not-sealed"]);
  expect(codesOf({ madeAt: ASKED_AT - 1 })).toEqual(["made-before-request"]);
});

it("every fault has its words", () => {
  expect(packageFaultText("label-differs", "en")).toBe("The sealed part belongs to another entry.");
  expect(packageFaultText("label-differs", "zh-CN")).toBe("密封内容属于另一条记录。");
});

it("the pinned keys are read strictly", () => {
  for (const broken of [
    undefined,
    [],
    { ...keysFile, origin: "" },
    { ...keysFile, logKey: "x" },
    { ...keysFile, logKey: at(keysFile.witnesses, 0).key },
    { ...keysFile, communityKey: undefined },
    { ...keysFile, quorum: 3 },
    { ...keysFile, quorum: 0.5 },
    { ...keysFile, witnesses: {} },
    { ...keysFile, witnesses: [{ body: "city" }] },
    { ...keysFile, custodianSets: [{ ...at(keysFile.custodianSets, 0), threshold: 1 }] },
    {
      ...keysFile,
      custodianSets: [{ version: 1, threshold: 2, members: [{ body: "city", identityKey: "00" }] }],
    },
  ]) {
    expect(() => parsePackageKeys(broken)).toThrow(expect.objectContaining({ code: "malformed" }));
  }
});
