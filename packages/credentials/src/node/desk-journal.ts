import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { fromHex, toHex } from "@menshen/crypto/node";
import { CredentialKey } from "@menshen/domain";
import type { KeyedCardKind } from "../card/card-layout.ts";
import { CredentialError } from "../credential-error.ts";

/** How a desk left a card. */
export type DeskState = "begun" | "personalised" | "emptied" | "foreign" | "other-card";

/** One card at a desk. Its number is not kept, only the key that it is looked up by. */
export interface DeskEntry {
  readonly credentialKey: CredentialKey;
  /** Last four digits of the number, for the person who looks for the card. */
  readonly label: string;
  readonly kind: KeyedCardKind;
  readonly keyVersion: number;
  readonly state: DeskState;
  readonly atMs: number;
}

/** What a desk did, on the disk before it goes on. One process at a time. */
export interface DeskJournal {
  /** The last entry of each card that was begun and not ended: lay it on the reader again. */
  readonly unfinished: () => readonly DeskEntry[];
  /** On the disk when this returns. */
  readonly note: (entry: DeskEntry) => void;
  readonly close: () => void;
}

const STATES: readonly DeskState[] = ["begun", "personalised", "emptied", "foreign", "other-card"];
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Opens a desk's journal, one line of JSON for each entry, made if there is none. A line that a dying process left half
 * written is cut off: what it announced had not begun.
 *
 * @throws {CredentialError} `malformed` for a file that holds anything else, or more than 64 MiB
 */
export function openDeskJournal(file: string): DeskJournal {
  const fd = openSync(file, "a+", 0o600);
  try {
    const bytes = readFileSync(fd);
    if (bytes.length > MAX_BYTES) throw malformed();
    const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
    const latest = new Map<string, DeskEntry>();
    for (const line of bytes.subarray(0, wholeBytes).toString("utf8").split("\n").slice(0, -1)) {
      const entry = parseEntry(line);
      latest.set(toHex(entry.credentialKey), entry);
    }
    if (wholeBytes < bytes.length) ftruncateSync(fd, wholeBytes);
    fsyncSync(fd);
    syncFolder(dirname(file));
    return {
      unfinished: () => [...latest.values()].filter(({ state }) => state === "begun"),
      note(entry) {
        const { credentialKey, ...rest } = entry;
        writeSync(fd, `${JSON.stringify({ version: 1, credentialKey: toHex(credentialKey), ...rest })}\n`);
        fsyncSync(fd);
        latest.set(toHex(credentialKey), entry);
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function parseEntry(line: string): DeskEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw malformed(cause);
  }
  if (!isObject(value)) throw malformed();
  const { credentialKey, label, kind, keyVersion, atMs } = value;
  const state = STATES.find((known) => known === value.state);
  if (
    value.version !== 1 ||
    typeof credentialKey !== "string" ||
    !/^[0-9a-f]{32}$/.test(credentialKey) ||
    typeof label !== "string" ||
    !/^[0-9A-F]{4}$/.test(label) ||
    (kind !== "desfire" && kind !== "ntag424") ||
    typeof keyVersion !== "number" ||
    typeof atMs !== "number" ||
    state === undefined
  ) {
    throw malformed();
  }
  return { credentialKey: CredentialKey(fromHex(credentialKey)), label, kind, keyVersion, state, atMs };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Makes a new file's name survive a power cut. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function malformed(cause?: unknown): CredentialError {
  return new CredentialError("malformed", "expected the journal of a desk", { cause });
}
