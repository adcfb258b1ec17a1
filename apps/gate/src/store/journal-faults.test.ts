import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Instant } from "@menshen/domain";
import { decodeJournalEntry } from "@menshen/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SavedClock } from "../clock/gate-clock.ts";
import { makeJournalKeeper } from "./journal-keeper.ts";
import { type Database, openSqlite } from "./sqlite-file.ts";
import { makeStateKeeper } from "./state-keeper.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gate-faults-"));
  path = join(folder, "journal.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

const clock: SavedClock = { bootId: "b", wallMs: 1, monotonicMs: 1, earliestMs: 1, latestMs: 1 };
const request = (draftId: number) => ({
  draftId,
  draft: {
    kind: "gate" as const,
    earliest: Instant(draftId),
    latest: Instant(draftId),
    body: { event: "started" as const },
  },
});

/** Fails the next durable statement that matches, before or after it took effect. */
function failing() {
  const plan: { moment: "before" | "after" | undefined; statement: RegExp } = {
    moment: undefined,
    statement: /^COMMIT$/,
  };
  const ioFault = () => Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 10 });
  const around = <T>(sql: string, run: () => T): T => {
    const { moment } = plan;
    if (moment === undefined || !plan.statement.test(sql)) return run();
    plan.moment = undefined;
    if (moment === "before") throw ioFault();
    run();
    throw ioFault();
  };
  const open = (file: string): Database => {
    const real = openSqlite(file);
    return {
      get isTransaction() {
        return real.isTransaction;
      },
      exec: (sql) => around(sql, () => real.exec(sql)),
      prepare: (sql) => {
        const statement = real.prepare(sql);
        return new Proxy(statement, {
          get(target, name) {
            const method: unknown = Reflect.get(target, name);
            if (typeof method !== "function") return method;
            const call = (...values: unknown[]): unknown => Reflect.apply(method, target, values);
            return name === "run" ? (...values: unknown[]) => around(sql, () => call(...values)) : call;
          },
        });
      },
      close: () => real.close(),
    };
  };
  return { plan, open };
}

describe.each(["before", "after"] as const)("a write that fails %s it reached the disk", (moment) => {
  test("entries are stored exactly once, in order", () => {
    const { plan, open } = failing();
    const keeper = makeJournalKeeper(path, open);
    keeper.append([request(1)], 0, clock);
    plan.moment = moment;
    expect(() => keeper.append([request(2), request(3)], 1, clock)).toThrow(
      expect.objectContaining({ code: "disk-failed" }),
    );
    const appended = keeper.append([request(2), request(3), request(4)], 1, clock);
    expect(appended.head.sequence).toBe(4);
    expect(keeper.read(1, 10, 10_000)?.entries.map((entry) => decodeJournalEntry(entry).earliest)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(keeper.verify(1, 10).broken).toBeUndefined();
    keeper.close();
  });

  test("an acknowledgement never runs ahead", () => {
    const { plan, open } = failing();
    const keeper = makeJournalKeeper(path, open);
    keeper.append([request(1), request(2)], 0, clock);
    plan.statement = /^UPDATE position SET acknowledged/;
    plan.moment = moment;
    expect(() => keeper.acknowledge(2)).toThrow(expect.objectContaining({ code: "disk-failed" }));
    expect(keeper.opening().acknowledged).toBe(moment === "before" ? 0 : 2);
    keeper.acknowledge(2);
    expect(keeper.opening().acknowledged).toBe(2);
    keeper.close();
  });

  test("a counter is stored or reported", () => {
    const { plan, open } = failing();
    const keeper = makeJournalKeeper(path, open);
    const key = new Uint8Array(16).fill(1);
    keeper.saveCounter(key, 4);
    plan.statement = /INTO counters/;
    plan.moment = moment;
    expect(() => keeper.saveCounter(key, 5)).toThrow(expect.objectContaining({ code: "disk-failed" }));
    keeper.saveCounter(key, 5);
    expect(keeper.opening().counters).toEqual([[key, 5]]);
    keeper.close();
  });

  test("a fire latch and the clock are stored or reported", () => {
    const { plan, open } = failing();
    const keeper = makeJournalKeeper(path, open);
    keeper.opening();
    plan.statement = /INTO fire_latches/;
    plan.moment = moment;
    expect(() => keeper.saveFireLatch("p", true)).toThrow(expect.objectContaining({ code: "disk-failed" }));
    plan.statement = /INTO clock/;
    plan.moment = moment;
    expect(() => keeper.saveClock(clock)).toThrow(expect.objectContaining({ code: "disk-failed" }));
    keeper.saveFireLatch("p", true);
    keeper.saveClock(clock);
    expect(keeper.opening().fireLatches).toEqual(["p"]);
    expect(keeper.opening().clock).toEqual(clock);
    keeper.close();
  });

  test("pruning leaves a whole journal", () => {
    const { plan, open } = failing();
    const keeper = makeJournalKeeper(path, open);
    keeper.append([request(1), request(2), request(3)], 0, clock);
    keeper.acknowledge(2);
    plan.moment = moment;
    expect(() => keeper.prune(0, 10)).toThrow(expect.objectContaining({ code: "disk-failed" }));
    expect(keeper.prune(0, 10)).toBe(moment === "before" ? 2 : 0);
    expect(keeper.read(3, 10, 10_000)?.firstSequence).toBe(3);
    expect(keeper.verify(3, 10)).toEqual({ next: 4, broken: undefined });
    keeper.close();
  });

  test("a document is the old one or the new one, never a mixture", () => {
    const { plan, open } = failing();
    const keeper = makeStateKeeper(join(folder, "state.db"), open);
    keeper.save({ kind: "snapshot", version: 1, bytes: Uint8Array.of(1) });
    plan.moment = moment;
    expect(() => keeper.save({ kind: "snapshot", version: 2, bytes: Uint8Array.of(2) })).toThrow(
      expect.objectContaining({ code: "disk-failed" }),
    );
    expect(keeper.documents()).toEqual([
      moment === "before"
        ? { kind: "snapshot", version: 1, bytes: Uint8Array.of(1) }
        : { kind: "snapshot", version: 2, bytes: Uint8Array.of(2) },
    ]);
    keeper.close();
  });
});

test("a full disk is named, and entries go on when there is room again", () => {
  let pages = 1_000_000;
  const keeper = makeJournalKeeper(path, (file) => {
    const database = openSqlite(file);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    return database;
  });
  keeper.append([request(1)], 0, clock);
  keeper.close();
  pages = 1;
  const many = Array.from({ length: 200 }, (_, i) => request(2 + i));
  expect(() => keeper.append(many, 1, clock)).toThrow(expect.objectContaining({ code: "disk-full" }));
  keeper.close();
  pages = 1_000_000;
  expect(keeper.append(many, 1, clock).head.sequence).toBe(201);
  keeper.close();
});

describe("a damaged journal", () => {
  function damage(offset: number): void {
    const bytes = readFileSync(path);
    bytes.fill(0xff, offset, offset + 4096);
    writeFileSync(path, bytes);
  }

  test("is set aside whole; unacknowledged entries that can be read go on", () => {
    const keeper = makeJournalKeeper(path);
    keeper.append([request(1), request(2), request(3)], 0, clock);
    keeper.acknowledge(1);
    keeper.saveCounter(new Uint8Array(16).fill(1), 9);
    keeper.close();
    const raw = openSqlite(path);
    raw.exec("DROP TRIGGER journal_append_only");
    raw.prepare("UPDATE journal SET hash = ? WHERE sequence = 3").run(new Uint8Array(32));
    raw.close();
    const opening = keeper.opening();
    expect(opening.head.sequence).toBe(2);
    expect(opening.acknowledged).toBe(1);
    expect(opening.counters).toEqual([[new Uint8Array(16).fill(1), 9]]);
    expect(keeper.takeSetAside()).toEqual({ entries: 1, anchored: true, fileName: "journal.db.damaged" });
    expect(keeper.takeSetAside()).toBeUndefined();
    keeper.append([request(4)], 2, clock);
    expect(keeper.verify(2, 10)).toEqual({ next: 4, broken: undefined });
    keeper.close();
    expect(readdirSync(folder)).toContain("journal.db.damaged");
  });

  test("that is no database at all is begun anew and takes its numbers from the server", () => {
    writeFileSync(path, "no database, only words".repeat(500));
    const keeper = makeJournalKeeper(path);
    expect(keeper.opening().head.sequence).toBe(0);
    expect(keeper.takeSetAside()).toMatchObject({ entries: 0, anchored: false });
    keeper.append([request(1)], 0, clock);
    expect(keeper.resume(77, new Uint8Array(32).fill(5)).outcome).toEqual({
      kind: "anchored",
      acknowledged: 76,
    });
    keeper.close();
  });

  test("found only while it is used is set aside too, and the entry is stored", () => {
    const keeper = makeJournalKeeper(path);
    keeper.append(
      Array.from({ length: 3_000 }, (_, i) => request(i + 1)),
      0,
      clock,
    );
    keeper.acknowledge(2_990);
    keeper.close();
    // The middle of the file: pages of old entries, which opening does not read.
    damage(Math.floor(readFileSync(path).length / 2 / 4096) * 4096);
    expect(() => keeper.read(1, 3_000, 10_000_000)).not.toThrow();
    expect(keeper.takeSetAside()).toMatchObject({ entries: 10, anchored: true });
    expect(keeper.append([request(4_000)], 3_000, clock).head.sequence).toBe(3_001);
    keeper.close();
  });

  test("a damaged state database is set aside and begun anew", () => {
    const statePath = join(folder, "state.db");
    writeFileSync(statePath, "nothing".repeat(2_000));
    const keeper = makeStateKeeper(statePath);
    expect(keeper.documents()).toEqual([]);
    expect(keeper.takeSetAside()).toBe("state.db.damaged");
    keeper.save({ kind: "modes", version: 1, bytes: Uint8Array.of(1) });
    keeper.save({ kind: "modes", version: 3, bytes: Uint8Array.of(3) });
    keeper.save({ kind: "modes", version: 2, bytes: Uint8Array.of(2) });
    expect(keeper.documents()).toEqual([{ kind: "modes", version: 3, bytes: Uint8Array.of(3) }]);
    keeper.close();
  });
});
