import { readFileSync } from "node:fs";
import { fromHex, p256FromSecret } from "@menshen/crypto";
import { journalGenesisHash } from "@menshen/wire";
import { expect, test } from "vitest";
import { parsePackageKeys } from "../opening-package-keys.ts";
import {
  batch,
  COMMUNITY_SEED,
  certificateOf,
  evidenceContent,
  evidenceFrame,
  evidencePackage,
  tap,
} from "../testing/evidence-world.ts";
import { ASKED_AT, GATE, keysFile } from "../testing/package-world.ts";
import { digestList } from "./digest-list.ts";
import { evidenceFaultText } from "./evidence-texts.ts";
import {
  contentFiles,
  type EvidenceContent,
  type EvidenceFrame,
  makeEvidencePackage,
  readStoredZip,
  storedZip,
  verifyEvidencePackage,
} from "./index.ts";

const pinned = parsePackageKeys(keysFile);
const content = evidenceContent();
const archive = await evidencePackage(content);
const OTHER_SEED = fromHex("99".repeat(32));
const first = content.events[0] ?? new Uint8Array();
const second = content.events[1] ?? new Uint8Array();
const third = content.events[2] ?? new Uint8Array();

/** The codes of a package in which the community itself put something else, logged it and signed it. */
async function codesOf(
  change: Partial<EvidenceContent>,
  frame: Partial<EvidenceFrame> = {},
  statement: { readonly [name: string]: string } = {},
): Promise<readonly string[]> {
  const changed = { ...content, ...change };
  const around = await evidenceFrame(changed, frame, statement);
  const made = makeEvidencePackage(contentFiles(changed), around, COMMUNITY_SEED);
  const verdict = await verifyEvidencePackage(made, pinned);
  return verdict.verified ? [] : verdict.faults.map(({ code }) => code);
}

test("B4: a stranger with pinned keys verifies a package offline, and learns what is proven", async () => {
  const verdict = await verifyEvidencePackage(archive, pinned);
  if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
  expect(verdict).toMatchObject({
    pinned: true,
    record: content.record,
    batches: 2,
    leafIndex: 1,
    loggedAt: ASKED_AT,
    time: { stamped: false, why: "2026-11-22T09:00:00.000Z no authority is configured" },
  });
  expect(verdict.events.map(({ entry }) => [entry.sequence, entry.body.evidence?.counter])).toEqual([
    [41, 140],
    [42, 102],
    [43, 103],
  ]);
});

test("the package of the vectors is this one, byte for byte", () => {
  const file = readFileSync(new URL("../../vectors/evidence-package.zip", import.meta.url));
  expect(Buffer.compare(file, archive)).toBe(0);
});

test("without pinned keys it shows that it is whole, and says that nobody vouched for its key", async () => {
  expect(await verifyEvidencePackage(archive)).toMatchObject({ verified: true, pinned: false });
});

test("P4: each single byte that is changed is refused, wherever it lies", async () => {
  const altered = Uint8Array.from(archive);
  for (const [place, byte] of archive.entries()) {
    altered[place] = byte ^ (1 << (place % 8));
    const verdict = await verifyEvidencePackage(altered, pinned);
    if (verdict.verified) throw new Error(`a change at ${place} was taken`);
    altered[place] = byte;
  }
  expect((await verifyEvidencePackage(altered, pinned)).verified).toBe(true);
}, 300_000);

test("P4: and so is each byte of each file, when the archive is packed anew around it", async () => {
  const files = readStoredZip(archive);
  for (const [index, { name, bytes }] of files.entries()) {
    for (let place = 0; place < bytes.length; place += 1) {
      const altered = Uint8Array.from(bytes);
      altered[place] = (altered[place] ?? 0) ^ (1 << (place % 8));
      const packed = storedZip(files.with(index, { name, bytes: altered }));
      const verdict = await verifyEvidencePackage(packed, pinned);
      if (verdict.verified) throw new Error(`a change of ${name} at ${place} was taken`);
    }
  }
}, 300_000);

test("P4: also with a list that fits again: the signature over it does not", async () => {
  const [, signature, ...rest] = readStoredZip(archive);
  if (signature === undefined) throw new Error("no signature");
  for (const [index, { name, bytes }] of rest.entries()) {
    const files = rest.with(index, { name, bytes: Uint8Array.of(...bytes, 0) });
    const list = { name: "MANIFEST.sha256", bytes: digestList(files) };
    const verdict = await verifyEvidencePackage(storedZip([list, signature, ...files]), pinned);
    expect(verdict, name).toMatchObject({ verified: false });
    expect(verdict.verified ? [] : verdict.faults.map(({ code }) => code), name).toContain("bad-signature");
  }
});

test("somebody else's signature is no signature under pinned keys", async () => {
  const frame = await evidenceFrame(content);
  const forged = makeEvidencePackage(contentFiles(content), frame, OTHER_SEED);
  expect(await verifyEvidencePackage(forged, pinned)).toMatchObject({
    verified: false,
    faults: [{ code: "bad-signature", part: "MANIFEST.sig" }],
  });
});

test("the community itself cannot put in an entry that its gate did not sign", async () => {
  const foreign = tap(41, ASKED_AT, 140, OTHER_SEED);
  expect(await codesOf({ events: [foreign, second, third] })).toEqual(["event-signature", "batch-differs"]);
  const { record } = content;
  const [one, ...others] = record.events;
  if (one === undefined) throw new Error("no event");
  expect(await codesOf({ record: { ...record, events: [{ ...one, sequence: 40 }, ...others] } })).toContain(
    "event-differs",
  );
  const twice = { ...record, events: [...record.events, { ...one }] };
  expect(await codesOf({ record: twice, events: [...content.events, first] })).toContain("event-twice");
});

test("nor take something out of a stretch of the journal, or put one where it does not belong", async () => {
  const [, after] = content.batches;
  const [before] = content.batches;
  if (before === undefined || after === undefined) throw new Error("no batches");
  const elsewhere = batch(42, journalGenesisHash(), [second, third]);
  expect(await codesOf({ batches: [before, elsewhere] })).toEqual(["chain-broken"]);
  const shorter = batch(42, journalGenesisHash(), [third], OTHER_SEED);
  expect(await codesOf({ batches: [before, shorter] })).toEqual([
    "batch-signature",
    "chain-broken",
    "batch-differs",
  ]);
});

test("a rule that names a tap which is not shown is no evidence", async () => {
  const [sign] = content.record.signs;
  if (sign === undefined) throw new Error("no sign");
  const record = { ...content.record, signs: [{ ...sign, sequence: 99 }] };
  expect(await codesOf({ record })).toEqual(["sign-without-event"]);
});

test("what the log was told must be this content of this package", async () => {
  expect(await codesOf({}, {}, { contentSha256: "00".repeat(32) })).toEqual(["content-not-logged"]);
  expect(await codesOf({}, {}, { packageId: GATE })).toEqual(["content-not-logged"]);
  const { logged } = await evidenceFrame(content);
  expect(await codesOf({}, { logged: { ...logged, salt: new Uint8Array(32) } })).toEqual([
    "content-not-logged",
  ]);
});

test("a certificate must be the one that was logged, of the gate's key, by the authority that lies beside it", async () => {
  const frame = await evidenceFrame(content);
  const [gate] = frame.gates;
  if (gate === undefined) throw new Error("no gate");
  const other = certificateOf(p256FromSecret(OTHER_SEED).publicKey, "gate");
  expect(await codesOf({}, { gates: [{ ...gate, certificate: other }] })).toEqual(["gate-certificate"]);
  expect(await codesOf({}, { ca: other })).toEqual(["gate-certificate"]);
  expect(await codesOf({}, { gates: [{ ...gate, logged: frame.logged }] })).toContain("gate-invalid");
});

test("a time stamp of something else is none", async () => {
  const time = { request: Uint8Array.of(0x30, 0), response: Uint8Array.of(0x30, 0) };
  expect(await codesOf({}, { time })).toEqual(["time-stamp"]);
});

test("files more or fewer are told by name", async () => {
  const frame = await evidenceFrame(content);
  const files = contentFiles(content);
  const verdictOf = async (changed: readonly (typeof files)[number][]) => {
    const verdict = await verifyEvidencePackage(makeEvidencePackage(changed, frame, COMMUNITY_SEED), pinned);
    return verdict.verified ? [] : verdict.faults;
  };
  const more = [...files, { name: "events/0004.cbor", bytes: first }];
  expect(await verdictOf(more)).toEqual([{ code: "file-unknown", part: "events/0004.cbor" }]);
  const fewer = files.filter(({ name }) => name !== "journal/0002.sig");
  expect(await verdictOf(fewer)).toEqual([{ code: "file-missing", part: "journal/0002.sig" }]);
});

test("a fault has words in both languages", () => {
  expect(evidenceFaultText("chain-broken", "zh-CN")).toContain("流水账");
  expect(evidenceFaultText("chain-broken", "en")).toContain("journal");
});
