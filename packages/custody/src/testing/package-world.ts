import {
  ed25519FromSecret,
  ed25519Sign,
  fromHex,
  p256FromSecret,
  p256Sign,
  primitives,
  type RandomBytes,
  toHex,
} from "@menshen/crypto";
import { AccessPointId, type CanonicalJson, CredentialKey, canonicalJson, Instant } from "@menshen/domain";
import {
  appendLeaves,
  commitLeaf,
  cosignCheckpoint,
  EMPTY_EDGE,
  encodeLeaf,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  hashLeaf,
  noteKey,
  proveInclusion,
  rootOfEdge,
  signNote,
  tilePath,
} from "@menshen/evidence";
import { type AccessEntry, accessEntryToSign, encodeJournalEntry } from "@menshen/wire";
import type { CustodianSet } from "../custodian-set.ts";
import type { EpochKey } from "../epoch-key.ts";
import { encodeIdentityText } from "../identity-text.ts";
import {
  encodePartial,
  type KeyShare,
  type LoggedStatement,
  labelOf,
  makePartial,
  type OpenedEntry,
  type OpeningPackage,
  parsePackageKeys,
  parseSealedEntry,
  sealEntry,
  vouchFor,
} from "../index.ts";
import { makeTable, play } from "./play.ts";
import { seededRandom } from "./seeded-random.ts";

export const GATE = "11111111-1111-4111-8111-111111111111";
export const DOOR = "22222222-2222-4222-8222-222222222222";
export const NEIGHBOUR_DOOR = "33333333-3333-4333-8333-333333333333";
/** 2026-11-22T08:00:00Z, when the opening is asked for. */
export const ASKED_AT = Date.UTC(2026, 10, 22, 8);
const HOUR = 3_600_000;

const seeds = {
  log: fromHex("11".repeat(32)),
  community: fromHex("22".repeat(32)),
  witnesses: [fromHex("33".repeat(32)), fromHex("44".repeat(32))],
  custodians: [fromHex("51".repeat(32)), fromHex("52".repeat(32)), fromHex("53".repeat(32))],
  gate: fromHex("66".repeat(32)),
};
const sha256 = primitives.sha256;
const crypto = { sha256, ed25519Sign };
const publicOf = (seed: Uint8Array) => ed25519FromSecret(seed).publicKey;

export const REQUEST = {
  topic: "opening-requested",
  at: ASKED_AT,
  requestId: "6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01",
  path: "ordinary",
  authority: "某区公安分局",
  documentNumber: "调证〔2026〕0147号",
  documentSha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  accessPointIds: [DOOR],
  from: ASKED_AT - 4 * HOUR,
  until: ASKED_AT - 2 * HOUR,
  purpose: "crime-investigation",
  deadline: ASKED_AT + 48 * HOUR,
  sealUntil: ASKED_AT + 720 * HOUR,
  entryCap: 10,
} as const;

/** A witnessed log, three custodians with their shares, one gate: enough to make and to attack packages. */
export async function makePackageWorld() {
  const random = seededRandom("package world");
  const set: CustodianSet = {
    version: 1,
    threshold: 2,
    members: ["committee", "property", "city"].map((body, i) => ({
      body,
      identityKey: publicOf(seeds.custodians[i] ?? new Uint8Array()),
    })),
  };
  const table = makeTable({ threshold: { k: 2, n: 3 }, epochCount: 2, random });
  const ends = play(table.setup, table.keys, random).flatMap((end) =>
    end.phase === "finished" ? [end] : [],
  );
  const [end] = ends;
  if (end === undefined) throw new Error("the ceremony did not finish");
  const vouches = seeds.custodians.map((seed) => vouchFor(seed, table.setup));
  const gateStatement = {
    topic: "gate-certificate-issued",
    at: ASKED_AT - 1_000 * HOUR,
    gateId: GATE,
    deviceKey: base64Url(p256FromSecret(seeds.gate).publicKey),
    sealingKey: base64Url(new Uint8Array(32).fill(7)),
    certificateSha256: "00".repeat(32),
  };
  const [gate, request] = await logOf([gateStatement, REQUEST], random);
  if (gate === undefined || request === undefined) throw new Error("the log lost a leaf");
  const [key, otherKey] = end.keys;
  if (key === undefined || otherKey === undefined) throw new Error("the ceremony made no keys");

  /** A signed journal entry with a sealed identity. */
  function write(sequence: number, at: number, options: EntryOptions = {}): Uint8Array {
    const gateId = options.gateId ?? GATE;
    const unsealed: AccessEntry = {
      version: 1,
      sequence,
      earliest: Instant(at),
      latest: Instant(at + 5),
      kind: "access",
      body: {
        accessPointId: AccessPointId(options.accessPoint ?? DOOR),
        granted: true,
        reasons: [{ code: "rule-allows", rule: 1 }],
        snapshotVersion: 4,
        lockDriven: true,
        kind: "desfire",
      },
    };
    const text = encodeIdentityText({
      kind: "desfire",
      credentialKey: CredentialKey(new Uint8Array(16).fill(sequence)),
      counter: sequence * 100,
    });
    const label = labelOf(gateId, unsealed);
    const sealed =
      options.sealed ?? sealEntry({ key: options.key ?? key ?? never(), label, plaintext: text, random });
    const entry: AccessEntry = { ...unsealed, body: { ...unsealed.body, sealed } };
    const signature = p256Sign(options.deviceKey ?? seeds.gate, accessEntryToSign(entry));
    return encodeJournalEntry({ ...entry, body: { ...entry.body, signature } });
  }

  /** Answers of these custodians for an entry, as they are sent. */
  function answer(sealedBytes: Uint8Array, custodians: readonly number[], epoch: EpochKey = key ?? never()) {
    const entry = parseSealedEntry(sealedBytes);
    return custodians.map((custodian) => {
      const share = ends[custodian - 1]?.shares.find((one: KeyShare) => one.epoch === epoch.epoch) ?? never();
      const made = makePartial({ key: epoch, share, label: entry.label, entry, random });
      if (!made.made) throw new Error(`no answer: ${made.reason}`);
      return encodePartial(made.partial);
    });
  }

  function open(journal: Uint8Array, sequence: number, custodians: readonly number[] = [1, 3]): OpenedEntry {
    return {
      gateId: GATE,
      journal,
      partials: answer(sealedIn(journal), custodians),
      text: encodeIdentityText({
        kind: "desfire",
        credentialKey: CredentialKey(new Uint8Array(16).fill(sequence)),
        counter: sequence * 100,
      }),
      holder: { name: "王某", dwelling: "1号楼 101" },
    };
  }

  const first = write(41, ASKED_AT - 3 * HOUR);
  const second = write(42, ASKED_AT - 3 * HOUR + 60_000);
  const content: OpeningPackage = {
    communityId: "44444444-4444-4444-8444-444444444444",
    communityName: "海棠苑",
    madeAt: ASKED_AT + HOUR,
    request,
    gates: [gate],
    ceremonies: [{ certificate: end.certificate, vouches }],
    entries: [open(first, 41), open(second, 42)],
    unopened: [{ gateId: GATE, sequence: 43, reason: "not-sealed" }],
  };
  return {
    content,
    keys: { key, otherKey },
    keysFile,
    pinned: parsePackageKeys(keysFile),
    write,
    answer,
    open,
    random,
    set,
  };
}

interface EntryOptions {
  readonly gateId?: string;
  readonly accessPoint?: string;
  readonly key?: EpochKey;
  readonly sealed?: Uint8Array;
  readonly deviceKey?: Uint8Array;
}

export const COMMUNITY_SEED = seeds.community;
export const GATE_SEED = seeds.gate;

const ORIGIN = "log.example/community";
const logKey = noteKey(sha256, { name: ORIGIN, type: "ed25519", publicKey: publicOf(seeds.log) });
const witnessKeys = seeds.witnesses.map((seed, i) =>
  noteKey(sha256, { name: `witness.example/${i}`, type: "ed25519-cosignature", publicKey: publicOf(seed) }),
);

/** What a verifier of these packages pins. */
export const keysFile = {
  origin: ORIGIN,
  logKey: formatVerifierKey(logKey),
  communityKey: formatVerifierKey(
    noteKey(sha256, { name: "openings.example", type: "ed25519", publicKey: publicOf(seeds.community) }),
  ),
  witnesses: witnessKeys.map((key, i) => ({
    body: i === 0 ? "city" : "resident",
    key: formatVerifierKey(key),
  })),
  quorum: 2,
  custodianSets: [
    {
      version: 1,
      threshold: 2,
      members: ["committee", "property", "city"].map((body, i) => ({
        body,
        identityKey: toHex(publicOf(seeds.custodians[i] ?? new Uint8Array())),
      })),
    },
  ],
};

/** Puts statements into a log of their own and proves them. */
export async function logOf(
  statements: readonly { readonly topic: string; readonly [name: string]: CanonicalJson }[],
  random: RandomBytes,
  witnesses = 2,
): Promise<LoggedStatement[]> {
  const leaves = statements.map((statement) => {
    const text = canonicalJson(statement);
    const salt = random(32);
    const leaf = commitLeaf(primitives, salt, statement.topic, new TextEncoder().encode(text));
    return { text, salt, entry: encodeLeaf(leaf) };
  });
  const added = appendLeaves(
    sha256,
    EMPTY_EDGE,
    leaves.map(({ entry }) => hashLeaf(sha256, entry)),
  );
  const tiles = new Map(added.tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
  const head = { size: leaves.length, root: rootOfEdge(sha256, added.edge) };
  const body = formatCheckpoint({ origin: ORIGIN, ...head, extensions: [] });
  const cosigned = witnessKeys
    .slice(0, witnesses)
    .map((key, i) =>
      cosignCheckpoint(crypto, key, seeds.witnesses[i] ?? new Uint8Array(), body, 1_795_000_000),
    );
  const note = formatNote({
    text: body,
    signatures: [signNote(crypto, logKey, seeds.log, body), ...cosigned],
  });
  const proved: LoggedStatement[] = [];
  for (const [index, { text, salt }] of leaves.entries()) {
    const proof = await proveInclusion(sha256, async (tile) => tiles.get(tilePath(tile)), head, index);
    if (!("proof" in proof)) throw new Error("the test log cannot prove its leaf");
    proved.push({
      statement: text,
      salt,
      proof: formatLogProof({ index, hashes: proof.proof, checkpoint: note }),
    });
  }
  return proved;
}

function sealedIn(journal: Uint8Array): Uint8Array {
  const magic = new TextEncoder().encode("MENSHEN-SEALED-ENTRY");
  const start = journal.findIndex((_, i) => magic.every((byte, j) => journal[i + j] === byte));
  return journal.slice(start, start + 251 + 32);
}

export function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function never(): never {
  throw new Error("the example is missing");
}
