import {
  concatBytes,
  ed25519FromSecret,
  fromHex,
  p256FromSecret,
  p256Sign,
  primitives,
  toHex,
} from "@menshen/crypto";
import { AccessPointId, canonicalJson, GateId, Instant } from "@menshen/domain";
import { ecdsaToDer } from "@menshen/evidence";
import {
  type AccessEntry,
  accessEntryToSign,
  encodeJournalEntry,
  journalBatch,
  journalGenesisHash,
  journalHashAfter,
} from "@menshen/wire";
import {
  batchToBeSigned,
  type CaseRecord,
  contentDigest,
  contentFiles,
  type EvidenceContent,
  type EvidenceFrame,
  makeEvidencePackage,
  type SignedBatch,
} from "../evidence-package/index.ts";
import {
  ASKED_AT,
  base64Url,
  COMMUNITY_SEED,
  DOOR,
  GATE,
  GATE_SEED,
  keysFile,
  logOf,
} from "./package-world.ts";
import { seededRandom } from "./seeded-random.ts";

const HOUR = 3_600_000;
const CA_SEED = fromHex("77".repeat(32));
const CARD = new Uint8Array(16).fill(9);
export const PACKAGE_ID = "55555555-5555-4555-8555-555555555555";
export { COMMUNITY_SEED };

/** A tap of one card, signed as gates sign. */
export function tap(sequence: number, at: number, counter: number, seed: Uint8Array = GATE_SEED): Uint8Array {
  const entry: AccessEntry = {
    version: 1,
    sequence,
    earliest: Instant(at),
    latest: Instant(at + 5),
    kind: "access",
    body: {
      accessPointId: AccessPointId(DOOR),
      granted: true,
      reasons: [{ code: "rule-allows", rule: 1 }],
      snapshotVersion: 4,
      lockDriven: true,
      kind: "desfire",
      grade: "B",
      epoch: 1,
      pseudonymKeyId: new Uint8Array(8).fill(1),
      pseudonym: CARD,
      evidence: { counter },
    },
  };
  const signature = p256Sign(seed, accessEntryToSign(entry));
  return encodeJournalEntry({ ...entry, body: { ...entry.body, signature } });
}

export function batch(
  firstSequence: number,
  previousHash: Uint8Array,
  entries: Uint8Array[],
  seed: Uint8Array = GATE_SEED,
): SignedBatch {
  const payload = journalBatch.encode({
    version: 1,
    gateId: GateId(GATE),
    firstSequence,
    previousHash,
    entries,
  });
  return { payload, signature: p256Sign(seed, batchToBeSigned(payload)) };
}

/** A case of one card whose counter went back, three taps in two stretches of one gate's journal. */
export function evidenceContent(change: Partial<EvidenceContent> = {}): EvidenceContent {
  const events = [
    tap(41, ASKED_AT - 5 * HOUR, 140),
    tap(42, ASKED_AT - 4 * HOUR, 102),
    tap(43, ASKED_AT - 3 * HOUR, 103),
  ];
  const [first = new Uint8Array(), second = new Uint8Array(), third = new Uint8Array()] = events;
  const before = journalHashAfter(primitives.sha256, journalGenesisHash(), [Uint8Array.of(1)]);
  const between = journalHashAfter(primitives.sha256, before, [first]);
  const record: CaseRecord = {
    packageId: PACKAGE_ID,
    communityId: "44444444-4444-4444-8444-444444444444",
    communityName: "海棠苑",
    timeZone: "Asia/Shanghai",
    madeAt: ASKED_AT,
    madeBy: "经办人",
    reason: "某区公安分局调取",
    case: {
      id: "66666666-6666-4666-8666-666666666666",
      kind: "desfire",
      epoch: 1,
      openedAt: ASKED_AT - 4 * HOUR,
      reachedAt: ASKED_AT - 4 * HOUR,
      step: "replace",
      scoreHundredths: 1_151,
      probabilityPpm: 999_000,
    },
    signs: [
      {
        rule: "R2",
        zh: "卡内计数倒退",
        en: "the card's counter went back",
        weightHundredths: 1_151,
        at: ASKED_AT - 4 * HOUR,
        gateId: GATE,
        accessPointId: DOOR,
        sequence: 42,
        inputs: { behind: "38" },
      },
    ],
    events: [
      { gateId: GATE, sequence: 41, receivedAt: ASKED_AT - 5 * HOUR + 100, half: "second", batch: 1 },
      { gateId: GATE, sequence: 42, receivedAt: ASKED_AT - 4 * HOUR + 100, half: "first", batch: 2 },
      { gateId: GATE, sequence: 43, receivedAt: ASKED_AT - 3 * HOUR + 100, half: "first" },
    ],
    doors: [{ id: DOOR, name: "北门进" }],
    gates: [
      {
        id: GATE,
        name: "北门控制器",
        software: "1.2.3",
        offsetMs: -120,
        errorMs: 40,
        clockEvents: [{ at: ASKED_AT - 6 * HOUR, event: "clock-stepped", stepMs: -900 }],
      },
    ],
    tuned: { caseDays: "8" },
    custody: [
      { at: ASKED_AT - 4 * HOUR, what: "raised", step: "ask" },
      { at: ASKED_AT, what: "package-made", by: "经办人", reason: "某区公安分局调取" },
    ],
  };
  return {
    record,
    events,
    batches: [batch(41, before, [first]), batch(42, between, [second, third])],
    ...change,
  };
}

/** All around a content, by a log and a gate that a verifier can check. */
export async function evidenceFrame(
  content: EvidenceContent,
  change: Partial<EvidenceFrame> = {},
  statement: { readonly [name: string]: string } = {},
): Promise<EvidenceFrame> {
  const certificate = certificateOf(p256FromSecret(GATE_SEED).publicKey, "gate");
  const deviceKey = p256FromSecret(GATE_SEED).publicKey;
  const [gate, logged] = await logOf(
    [
      {
        topic: "gate-certificate-issued",
        at: ASKED_AT - 1_000 * HOUR,
        gateId: GATE,
        deviceKey: base64Url(deviceKey),
        sealingKey: base64Url(new Uint8Array(32).fill(7)),
        certificateSha256: toHex(primitives.sha256(certificate)),
      },
      {
        topic: "evidence-package-made",
        at: ASKED_AT,
        packageId: PACKAGE_ID,
        contentSha256: toHex(contentDigest(contentFiles(content))),
        ...statement,
      },
    ],
    seededRandom("evidence world"),
  );
  if (gate === undefined || logged === undefined) throw new Error("the log lost a leaf");
  return {
    logged,
    gates: [{ certificate, deviceKey, logged: gate }],
    ca: certificateOf(p256FromSecret(CA_SEED).publicKey, "ca"),
    keys: canonicalJson({ ...keysFile, custodianSets: [] }),
    communityKey: ed25519FromSecret(COMMUNITY_SEED).publicKey,
    time: { none: "2026-11-22T09:00:00.000Z no authority is configured" },
    report: new TextEncoder().encode("%PDF-1.7\n"),
    readme: "how to verify\n",
    ...change,
  };
}

export async function evidencePackage(content: EvidenceContent = evidenceContent()): Promise<Uint8Array> {
  return makeEvidencePackage(contentFiles(content), await evidenceFrame(content), COMMUNITY_SEED);
}

/** The least certificate of RFC 5280 that names a P-256 key, signed by the authority of these tests. */
export function certificateOf(publicKey: Uint8Array, name: string, seed: Uint8Array = CA_SEED): Uint8Array {
  const ecdsaSha256 = tlv(0x30, fromHex("06082a8648ce3d040302"));
  const named = (text: string) =>
    tlv(
      0x30,
      tlv(0x31, tlv(0x30, concatBytes(fromHex("0603550403"), tlv(0x0c, new TextEncoder().encode(text))))),
    );
  const spki = concatBytes(fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), publicKey);
  const time = (text: string) => tlv(0x17, new TextEncoder().encode(text));
  const tbs = tlv(
    0x30,
    concatBytes(
      tlv(0xa0, fromHex("020102")),
      fromHex("020105"),
      ecdsaSha256,
      named("ca"),
      tlv(0x30, concatBytes(time("200101000000Z"), time("491231235959Z"))),
      named(name),
      spki,
    ),
  );
  const signature = ecdsaToDer(p256Sign(seed, tbs));
  return tlv(0x30, concatBytes(tbs, ecdsaSha256, tlv(0x03, concatBytes(Uint8Array.of(0), signature))));
}

function tlv(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return concatBytes(Uint8Array.from(head), content);
}
