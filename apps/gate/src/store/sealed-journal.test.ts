import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { p256Generate, p256Verify, randomBytes, toHex } from "@menshen/crypto/node";
import { encodeEpochKey } from "@menshen/custody";
import { Instant } from "@menshen/domain";
import { accessEntryToSign, decodeJournalEntry, uuidBytes } from "@menshen/wire";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { makeSeal } from "../keys/seal.ts";
import { holdCeremony, makeCustodians, openSealed, type TestCeremony } from "../testing/test-custody.ts";
import { ACCESS_POINT, GATE } from "../testing/test-site.ts";
import { makeEntrySealer, type SealingMaterial } from "../trail/entry-sealer.ts";
import { type AppendOutcome, makeJournal } from "./journal.ts";
import { type AppendRequest, openJournalFile } from "./journal-file.ts";
import type { JournalKeeper } from "./journal-keeper.ts";
import { type Database, openSqlite } from "./sqlite-file.ts";
import { startStoreThread } from "./store-thread.ts";

const AT = 1_800_000_000_000;
const CARDS = Array.from({ length: 8 }, () => randomBytes(16));
const deviceKey = p256Generate();
const clock = { bootId: "b", wallMs: AT, monotonicMs: 1, earliestMs: AT, latestMs: AT };

let folder: string;
let path: string;
let ceremony: TestCeremony;
let material: SealingMaterial;
beforeAll(() => {
  ceremony = holdCeremony(makeCustodians(), { firstEpoch: 1, epochCount: 1 });
  material = {
    gateId: uuidBytes(GATE),
    deviceSecret: deviceKey.secretKey,
    grid: { anchorMs: AT, epochMs: 28 * 86_400_000 },
    epochKeys: ceremony.keys.map((key) => ({ epoch: key.epoch, encoded: encodeEpochKey(key) })),
    pseudonymKey: { generation: 0, epoch: 1, key: randomBytes(32) },
    trailKeys: [],
    deskKeys: [],
    named: [],
  };
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-sealed-"));
  path = join(folder, "journal.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function record(card: Uint8Array) {
  return {
    kind: "access" as const,
    body: {
      accessPointId: ACCESS_POINT,
      granted: true,
      reasons: [{ code: "rule-allows" as const, rule: 1 }],
      kind: "desfire" as const,
      grade: "B" as const,
      snapshotVersion: 1,
      lockDriven: true,
    },
    identity: { kind: "desfire" as const, credentialKey: card, counter: 258 },
  };
}
const cardOf = (number: number) => CARDS[number % CARDS.length] ?? randomBytes(16);
const request = (draftId: number): AppendRequest => ({
  draftId,
  draft: { ...record(cardOf(draftId)), earliest: Instant(AT + draftId), latest: Instant(AT + draftId) },
});

/** Every byte of the folder's files: the database, its log and whatever else stands there. */
function everyByte(): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
}

test("a gate's disk holds no identity of those who went through, only what custodians and holders open (privacy row L1)", async () => {
  const thread = startStoreThread<JournalKeeper>("journal", path);
  thread.tell("useForSealing", material);
  const seal = makeSeal(randomBytes(32));
  const nameOf = (card: Uint8Array) => seal.nameOf("menshen gate counters v1", card);
  const requests = Array.from({ length: 24 }, (_, i) => request(i + 1));
  const appended = await thread.remote.append(requests, 0, clock);
  for (const card of CARDS) await thread.remote.saveCounter(nameOf(card), 258);
  expect(appended.sealed).toBe(true);
  expect(existsSync(`${path}-wal`)).toBe(true);
  for (const moment of ["with its log", "closed"]) {
    const bytes = everyByte();
    for (const card of CARDS) {
      const name = Buffer.from(card);
      for (const form of [
        name,
        name.subarray(0, 8),
        Buffer.from(toHex(card)),
        Buffer.from(name.toString("base64")),
      ]) {
        expect(`${moment}: ${bytes.includes(form)}`).toBe(`${moment}: false`);
      }
    }
    // The scan would find them: what stands there for a card does.
    expect(bytes.includes(Buffer.from(nameOf(cardOf(1))))).toBe(true);
    if (moment === "with its log") await thread.close();
  }
  const stored = openJournalFile(path);
  const slice = stored.read(1, 100, 1_000_000);
  stored.close();
  const cards = slice?.entries.map((bytes) => {
    const entry = decodeJournalEntry(bytes);
    if (entry.kind !== "access") throw new Error("expected access entries");
    return toHex(openSealed(ceremony, entry.body.sealed ?? new Uint8Array()).text.credentialKey);
  });
  expect(cards).toEqual(requests.map(({ draftId }) => toHex(cardOf(draftId))));
}, 30_000);

test("a crowd of 128 at once is sealed to the last, in one go, from what was prepared", async () => {
  const thread = startStoreThread<JournalKeeper>("journal", path);
  thread.tell("useForSealing", material);
  const opening = await thread.remote.opening();
  const driven = makeDrivenClock(AT, 0, "b");
  const outcomes: boolean[] = [];
  const journal = makeJournal({
    remote: thread.remote,
    opening,
    clock: makeGateClock({ source: driven.source, driftPpm: 0, floorMs: AT }),
    // How long it takes is measured where nothing else runs: entry-sealer.test.ts and the bench.
    boundMs: 10_000,
    listener: {
      late: () => undefined,
      degraded: () => undefined,
      restored: () => undefined,
      appended: () => undefined,
      sealed: (complete) => outcomes.push(complete),
      malformed: () => undefined,
    },
  });
  // Idle, as a gate is for most of the day: until all is prepared.
  await vi.waitFor(async () => expect(await thread.remote.prepare()).toBe(false), {
    timeout: 20_000,
    interval: 20,
  });
  const answers: readonly AppendOutcome[] = await Promise.all(
    Array.from({ length: 128 }, (_, i) => journal.append(record(cardOf(i)))),
  );
  expect(answers.filter(({ stored }) => !stored)).toEqual([]);
  expect(outcomes.every((complete) => complete)).toBe(true);
  await journal.flush();
  const slice = await journal.read(1, 200, 1_000_000);
  const sealed = slice?.entries.filter((bytes) => {
    const entry = decodeJournalEntry(bytes);
    return entry.kind === "access" && entry.body.sealed !== undefined;
  });
  expect([slice?.entries.length, sealed?.length]).toEqual([128, 128]);
  await thread.close();
}, 60_000);

describe("an attempt that failed", () => {
  /** A database that fails at its first commits: before or after it has taken them. */
  function failing(moment: "before" | "after", times: number) {
    let left = times;
    return (file: string): Database => {
      const database = openSqlite(file);
      return new Proxy(database, {
        get(target, name) {
          if (name === "exec") {
            return (sql: string) => {
              if (sql !== "COMMIT" || left === 0) return target.exec(sql);
              left -= 1;
              if (moment === "after") target.exec(sql);
              throw new Error("the disk failed");
            };
          }
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    };
  }

  test.each(["before", "after"] as const)(
    "%s it was on the disk leaves no entry sealed under another's number",
    (moment) => {
      // The migration commits first.
      openJournalFile(path).close();
      const sealer = makeEntrySealer();
      sealer.use(material);
      const journal = openJournalFile(path, failing(moment, 1), false, sealer);
      expect(() => journal.append([request(1), request(2)], 0, clock)).toThrow("the disk failed");
      const { sequences } = journal.append([request(3), request(2), request(1)], 0, clock);
      const slice = journal.read(1, 10, 1_000_000);
      expect(slice?.entries.length).toBe(3);
      for (const bytes of slice?.entries ?? []) {
        const entry = decodeJournalEntry(bytes);
        if (entry.kind !== "access") throw new Error("expected access entries");
        const { entry: sealed, text } = openSealed(ceremony, entry.body.sealed ?? new Uint8Array());
        expect([sealed.label.sequence, sealed.label.timeMs]).toEqual([entry.sequence, entry.earliest]);
        const [draftId] = [...sequences].find(([, sequence]) => sequence === entry.sequence) ?? [];
        expect(toHex(text.credentialKey)).toBe(toHex(cardOf(draftId ?? 0)));
      }
      journal.close();
    },
  );
});

test("entries that take their numbers from the server after a loss drop what was sealed, and stay signed", () => {
  const sealer = makeEntrySealer();
  sealer.use(material);
  const journal = openJournalFile(path, openSqlite, true, sealer);
  journal.append([request(1), request(2)], 0, clock);
  expect(journal.resume(51, new Uint8Array(32).fill(7))).toEqual({ kind: "anchored", acknowledged: 50 });
  const entries = journal.read(51, 10, 1_000_000)?.entries.map(decodeJournalEntry) ?? [];
  expect(entries.map(({ sequence }) => sequence)).toEqual([51, 52]);
  for (const entry of entries) {
    if (entry.kind !== "access") throw new Error("expected access entries");
    expect([entry.body.sealed, entry.body.wrap?.length, entry.body.pseudonym?.length]).toEqual([
      undefined,
      96,
      16,
    ]);
    const signature = entry.body.signature ?? new Uint8Array();
    expect(p256Verify(deviceKey.publicKey, accessEntryToSign(entry), signature)).toBe(true);
  }
  journal.close();
});

test("a thread that takes the place of one that died seals too", async () => {
  const thread = startStoreThread<JournalKeeper>("journal", path);
  thread.tell("useForSealing", { ...material, gateId: new Uint8Array(3) });
  thread.tell("useForSealing", material);
  expect((await thread.remote.append([request(1)], 0, clock)).sealed).toBe(true);
  await thread.close();
});
