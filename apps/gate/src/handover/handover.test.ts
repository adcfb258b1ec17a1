import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coseVerify1, hpkeGenerate, p256Generate, sha256 } from "@menshen/crypto/node";
import { CommunityId, GateId, Instant, ReaderId } from "@menshen/domain";
import { acquireStateLock } from "@menshen/service-kit";
import {
  decodeJournalEntry,
  externalAad,
  handoverRequest,
  handoverResponse,
  journalBatch,
  journalHashAfter,
} from "@menshen/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GateError } from "../errors.ts";
import { type GateIdentity, writeIdentity } from "../keys/identity.ts";
import { openReaderKeys } from "../keys/reader-keys.ts";
import { openFileSeal } from "../keys/seal.ts";
import { type JournalFile, type JournalHead, openJournalFile } from "../store/journal-file.ts";
import { handOver } from "./hand-over.ts";
import { openOldDisk } from "./old-disk.ts";

const OLD = GateId("cccccccc-0000-4000-8000-000000000001");
const SUCCESSOR = GateId("cccccccc-0000-4000-8000-000000000002");
const READER = ReaderId("dddddddd-0000-4000-8000-000000000001");
const AT = 1_800_000_000_000;
const ENTRIES = 1_200;
const now = () => ({ earliest: Instant(AT), latest: Instant(AT + 10) });

let base: string;
let stateDir: string;
let journal: JournalFile;
let identity: GateIdentity;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "gate-handover-"));
  stateDir = join(base, "old");
  mkdirSync(stateDir, { mode: 0o700 });
  const seal = openFileSeal(stateDir);
  identity = {
    gateId: OLD,
    communityId: CommunityId("6a5f4c9e-8a54-4b3e-9d7a-2f1f0b1c2d3e"),
    deviceKey: p256Generate(),
    sealingKey: await hpkeGenerate(),
    certificate: Uint8Array.of(1),
    ca: Uint8Array.of(2),
    policyKey: new Uint8Array(32),
    mqtt: "localhost:1",
    timeZone: "Asia/Shanghai",
  };
  writeIdentity(stateDir, seal, identity);
  const keys = openReaderKeys(stateDir, seal);
  keys.offer(READER);
  keys.confirm(READER, AT);
  // Not closed, as by a gate that was killed: the last entries stand in the database's log only.
  journal = openJournalFile(join(stateDir, "journal.db"));
  journal.append(
    Array.from({ length: ENTRIES }, (_, at) => ({
      draftId: at + 1,
      draft: {
        kind: "gate" as const,
        earliest: Instant(AT + at),
        latest: Instant(AT + at + 10),
        body: { event: "self-test" as const, findings: [] },
      },
    })),
    0,
    { bootId: "boot-1", wallMs: AT, monotonicMs: 1, earliestMs: AT, latestMs: AT },
  );
});

afterEach(() => {
  journal.close();
  rmSync(base, { recursive: true });
});

/** A server that holds the first `held` entries, and takes batches as docs/protocol/gate-link.md says. */
function makeServer(held: number) {
  const sequences: number[] = [];
  let head: JournalHead = { sequence: held, hash: new Uint8Array(32) };
  for (let next = 1; next <= held; ) {
    const slice = journal.read(next, 500, 1_000_000);
    if (slice === undefined) throw new Error("expected entries");
    const entries = slice.entries.slice(0, held - next + 1);
    head = { sequence: held, hash: journalHashAfter(sha256, head.hash, entries) };
    next += entries.length;
  }
  let failsBehind = Number.POSITIVE_INFINITY;
  let posts = 0;
  return {
    sequences,
    breakBehind(count: number) {
      failsBehind = posts + count;
    },
    post(message: Uint8Array): Promise<Uint8Array> {
      posts += 1;
      if (posts > failsBehind) return Promise.reject(new GateError("link-failed", "cut"));
      const key = { alg: "ES256", publicKey: identity.deviceKey.publicKey } as const;
      const verified = coseVerify1({ message, key, externalAad: externalAad("handover") });
      if (!verified.verified) return Promise.reject(new GateError("enrolment-failed", "refused"));
      const request = handoverRequest.decode(verified.payload);
      expect(request).toMatchObject({ gateId: OLD, successor: SUCCESSOR, at: AT });
      if (request.batch !== undefined) {
        const batch = journalBatch.decode(request.batch);
        expect(batch).toMatchObject({ gateId: OLD, firstSequence: head.sequence + 1 });
        expect(batch.previousHash).toEqual(head.hash);
        sequences.push(...batch.entries.map((entry) => decodeJournalEntry(entry).sequence));
        const hash = journalHashAfter(sha256, head.hash, batch.entries);
        head = { sequence: head.sequence + batch.entries.length, hash };
      }
      const answer = { version: 1, nextSequence: head.sequence + 1, previousHash: head.hash } as const;
      return Promise.resolve(handoverResponse.encode(answer));
    },
  };
}

const handOverTo = async (server: Pick<ReturnType<typeof makeServer>, "post">) => {
  const disk = openOldDisk(stateDir, join(base, "copy"));
  try {
    return await handOver({
      old: disk.identity,
      journal: await disk.openJournal(),
      successor: SUCCESSOR,
      enrolUrl: "https://localhost:1",
      now,
      post: server.post,
    });
  } finally {
    disk.close();
  }
};
const from = (first: number) => Array.from({ length: ENTRIES - first + 1 }, (_, at) => first + at);

test("a killed gate's disk gives what the server lacks, each entry once, and stays as it was", async () => {
  const before = readdirSync(stateDir);
  const server = makeServer(150);
  expect(await handOverTo(server)).toEqual({ sent: 1_050, lastSequence: ENTRIES });
  expect(server.sequences).toEqual(from(151));
  expect(await handOverTo(server)).toEqual({ sent: 0, lastSequence: ENTRIES });
  expect(server.sequences).toHaveLength(1_050);
  expect(readdirSync(stateDir).filter((name) => !name.startsWith("menshen.lock"))).toEqual(before);
  expect(readdirSync(base)).toEqual(["old"]);
});

test("broken off in the middle, it goes on there", async () => {
  const server = makeServer(0);
  server.breakBehind(2);
  await expect(handOverTo(server)).rejects.toMatchObject({ code: "link-failed" });
  server.breakBehind(1_000);
  expect(await handOverTo(server)).toEqual({ sent: 1_200 - 512, lastSequence: ENTRIES });
  expect(server.sequences).toEqual(from(1));
});

test("a server that holds another journal of that gate, or that stores nothing, ends it", async () => {
  const answer = (nextSequence: number, previousHash: Uint8Array) => ({
    post: () => Promise.resolve(handoverResponse.encode({ version: 1, nextSequence, previousHash })),
  });
  await expect(handOverTo(answer(151, new Uint8Array(32).fill(9)))).rejects.toMatchObject({
    code: "request-invalid",
  });
  await expect(handOverTo(answer(1, new Uint8Array(32)))).rejects.toMatchObject({ code: "enrolment-failed" });
  await expect(handOverTo({ post: () => Promise.resolve(Uint8Array.of(0xff)) })).rejects.toMatchObject({
    code: "enrolment-failed",
  });
});

test("the readers' keys are on the disk; a folder that is none, or whose gate runs, is refused untouched", () => {
  const disk = openOldDisk(stateDir, join(base, "copy"));
  expect(disk.identity.gateId).toBe(OLD);
  expect(disk.readerKeys.of(READER)).toMatchObject({ inForce: expect.any(Uint8Array), sinceMs: AT });
  disk.close();
  const empty = join(base, "empty");
  mkdirSync(empty);
  const refusal = (folder: string) => () => openOldDisk(folder, join(base, "copy"));
  const invalid = expect.objectContaining({ code: "request-invalid" });
  expect(refusal(empty)).toThrow(invalid);
  expect(readdirSync(empty)).toEqual([]);
  const lock = acquireStateLock(stateDir);
  expect(refusal(stateDir)).toThrow(invalid);
  lock.release();
  rmSync(join(stateDir, "identity.sealed"));
  expect(refusal(stateDir)).toThrow(invalid);
  writeFileSync(join(stateDir, "identity.sealed"), "forged");
  expect(refusal(stateDir)).toThrow(expect.objectContaining({ code: "seal-broken" }));
});
