import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CredentialKey } from "@menshen/domain";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DeskEntry, openDeskJournal } from "./desk-journal.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-desk-"));
  file = join(folder, "desk.journal");
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (card: number, state: DeskEntry["state"]): DeskEntry => ({
  credentialKey: CredentialKey(new Uint8Array(16).fill(card)),
  label: "E5F6",
  kind: "desfire",
  keyVersion: 1,
  state,
  atMs: 1_800_000_000_000,
});

test("tells which cards were begun and not ended, after any end of its process", () => {
  const first = openDeskJournal(file);
  for (const noted of [entry(1, "begun"), entry(2, "begun"), entry(1, "personalised"), entry(3, "begun")]) {
    first.note(noted);
  }
  expect(first.unfinished()).toEqual([entry(2, "begun"), entry(3, "begun")]);
  // No close: as if it was killed.
  const second = openDeskJournal(file);
  expect(second.unfinished()).toEqual([entry(2, "begun"), entry(3, "begun")]);
  second.note(entry(2, "emptied"));
  second.close();
  expect(openDeskJournal(file).unfinished()).toEqual([entry(3, "begun")]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a line that was half written is cut off, and the next one begins on its own", () => {
  const first = openDeskJournal(file);
  first.note(entry(1, "begun"));
  first.close();
  const whole = readFileSync(file, "utf8");
  for (let cut = 1; cut < whole.length; cut += 7) {
    writeFileSync(file, whole + whole.slice(0, cut));
    const journal = openDeskJournal(file);
    expect(journal.unfinished()).toEqual([entry(1, "begun")]);
    journal.note(entry(2, "begun"));
    journal.close();
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
  }
});

test.each([
  "{}",
  "[]",
  "words",
  JSON.stringify({ version: 2 }),
  JSON.stringify({
    version: 1,
    credentialKey: "00",
    label: "E5F6",
    kind: "desfire",
    keyVersion: 1,
    state: "begun",
    atMs: 0,
  }),
])("a file that holds %s is no journal", (line) => {
  appendFileSync(file, `${line}\n`);
  expect(() => openDeskJournal(file)).toThrow(expect.objectContaining({ code: "malformed" }));
});
