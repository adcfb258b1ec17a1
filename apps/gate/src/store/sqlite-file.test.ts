import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate, openSqlite } from "./sqlite-file.ts";

const FORMER = ["CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"];
const BETTER = [...FORMER, "ALTER TABLE kept ADD COLUMN more TEXT"];
const BROKEN = [...BETTER, "UPDATE kept SET absent = 1"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a version of the software finds on the disk when it starts. */
function start(migrations: readonly string[]): readonly unknown[] {
  const database = openSqlite(join(folder, "state.db"));
  try {
    migrate(database, migrations);
    database.prepare("INSERT INTO kept (text) VALUES (?)").run("a start");
    return database.prepare("SELECT * FROM kept").all();
  } finally {
    database.close();
  }
}

test("an update that fails leaves a gate's disk to the software before it, which goes on (complaint 8)", () => {
  expect(start(FORMER)).toHaveLength(1);
  // Its first change would hold by itself; the second does not.
  expect(() => start(BROKEN)).toThrow(/absent/);
  expect(start(FORMER)).toEqual([
    { id: 1, text: "a start" },
    { id: 2, text: "a start" },
  ]);
  // Mended, the update takes the disk over, with what was written meanwhile.
  expect(start(BETTER)).toHaveLength(3);
});

test("software before the one that wrote last says so, and changes nothing", () => {
  start(BETTER);
  expect(() => start(FORMER)).toThrow(expect.objectContaining({ code: "database-newer" }));
  expect(start(BETTER)).toHaveLength(2);
});
