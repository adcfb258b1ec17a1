import { type CredentialRow, compareBytes, KEY_BYTES, packRows, unpackRows } from "./columns.ts";
import {
  FORMAT,
  LIMITS,
  type PlainValue,
  type SnapshotContent,
  type SnapshotDelta,
  type SnapshotDocument,
} from "./document.ts";
import { readColumns, readDocument, readFormat } from "./document-read.ts";
import { writeColumns, writeProfile } from "./document-write.ts";
import { PolicyError } from "./errors.ts";
import { compareProfiles } from "./grants.ts";
import { equalPlain, isPlainMap } from "./plain-value.ts";
import {
  Refused,
  readArray,
  readInteger,
  readObject,
  readText,
  refusable,
  requireRising,
} from "./reading.ts";
import type { DocumentFault } from "./snapshot.ts";

export type ReadResult =
  | { readonly ok: true; readonly document: SnapshotDocument }
  | { readonly ok: false; readonly error: DocumentFault };

/** Fields that a delta carries in a form of its own, or that never change. */
const OWN_FORM: ReadonlySet<string> = new Set(["format", "version", "gate", "profiles", "credentials"]);

/** Checks a decoded document as `loadSnapshot` does, and gives it back to keep, to encode and to apply deltas to. */
export function readSnapshotDocument(value: unknown): ReadResult {
  const result = refusable(() => checked(value));
  return result.ok ? { ok: true, document: result.value } : result;
}

/**
 * What turns `base` into `next`. Small changes give small deltas: rows and profiles travel only if they are new or
 * changed, other fields whole if they changed.
 *
 * @throws {PolicyError} `invalid-version` unless both belong to one gate and `next` has the higher version.
 */
export function diffSnapshots(base: SnapshotDocument, next: SnapshotDocument): SnapshotDelta {
  const [old, now] = [readDocument(base), readDocument(next)];
  if (compareBytes(old.gate, now.gate) !== 0 || old.version >= now.version) {
    throw new PolicyError("invalid-version", "delta: expected one gate and a rising version");
  }
  const profiles = diffProfiles(old, now);
  const rows = diffRows(old, now, profiles.positions);
  const changed = Object.entries(next).filter(
    ([field, value]) => !OWN_FORM.has(field) && !equalPlain(value, base[field]),
  );
  return {
    format: FORMAT,
    gate: now.gate,
    baseVersion: old.version,
    version: now.version,
    changed: Object.fromEntries(changed),
    dropped: Object.keys(base)
      .filter((field) => !Object.hasOwn(next, field))
      .sort(),
    profilesRemoved: profiles.removed,
    profilesAdded: profiles.added,
    credentialsRemoved: rows.removed,
    credentialsChanged: writeColumns(packRows(rows.changed)),
  };
}

/**
 * Applies a decoded delta to the document it was made for; the result is checked as a whole. A base of another version
 * answers `base-mismatch`: ask for the full snapshot then.
 */
export function applyDelta(base: SnapshotDocument, delta: unknown): ReadResult {
  const result = refusable(() => checked(applied(base, delta)));
  return result.ok ? { ok: true, document: result.value } : result;
}

function checked(value: unknown): SnapshotDocument {
  const { version } = readDocument(value);
  if (!isPlainMap(value)) throw new Refused("malformed", "document");
  return { ...value, format: FORMAT, version };
}

function applied(base: SnapshotDocument, value: unknown): Readonly<Record<string, unknown>> {
  const delta = readObject(value, "delta");
  readFormat(delta.format, "delta format");
  const old = readDocument(base);
  const { gate } = delta;
  if (!(gate instanceof Uint8Array) || compareBytes(gate, old.gate) !== 0) {
    throw new Refused("inconsistent", "delta gate");
  }
  const most = Number.MAX_SAFE_INTEGER;
  const baseVersion = readInteger(delta.baseVersion, 1, most, "delta base version");
  if (baseVersion !== old.version) throw new Refused("base-mismatch", "delta base version");
  const version = readInteger(delta.version, baseVersion + 1, most, "delta version");

  const fields = new Map<string, unknown>(Object.entries(base));
  for (const field of readArray(delta.dropped, LIMITS.fields, "delta dropped")) {
    fields.delete(readText(field, 64, "delta dropped"));
  }
  for (const [field, changed] of Object.entries(readObject(delta.changed, "delta changed"))) {
    if (OWN_FORM.has(field)) throw new Refused("inconsistent", "delta changed");
    fields.set(field, changed);
  }
  const { profiles, positions } = applyProfiles(old, delta);
  const credentials = applyRows(old, delta, positions, profiles.length);
  return { ...Object.fromEntries(fields), version, profiles, credentials };
}

interface ProfilesDiff {
  /** Indexes in the base. */
  readonly removed: readonly number[];
  /** `[index in the result, profile]`. */
  readonly added: readonly PlainValue[];
  /** For every profile of the base its index in the result, −1 if it is gone. */
  readonly positions: readonly number[];
}

function diffProfiles(old: SnapshotContent, now: SnapshotContent): ProfilesDiff {
  const positions: number[] = [];
  const removed: number[] = [];
  const added: PlainValue[] = [];
  let next = 0;
  for (const [index, profile] of old.profiles.entries()) {
    // Both lists rise, so whatever comes first in the result is new.
    for (let other = now.profiles[next]; other !== undefined; other = now.profiles[next]) {
      if (compareProfiles(other, profile) >= 0) break;
      added.push([next++, writeProfile(other)]);
    }
    const same = now.profiles[next];
    if (same !== undefined && compareProfiles(same, profile) === 0) positions.push(next++);
    else {
      positions.push(-1);
      removed.push(index);
    }
  }
  for (const profile of now.profiles.slice(next)) added.push([next++, writeProfile(profile)]);
  return { removed, added, positions };
}

function applyProfiles(
  old: SnapshotContent,
  delta: Readonly<Record<string, unknown>>,
): { profiles: readonly unknown[]; positions: readonly number[] } {
  const removed = readArray(delta.profilesRemoved, LIMITS.profiles, "delta profiles").map((index) =>
    readInteger(index, 0, old.profiles.length - 1, "delta profiles"),
  );
  requireRising(removed, (a, b) => a - b, "delta profiles");
  const gone = new Set(removed);
  const added = readArray(delta.profilesAdded, LIMITS.profiles, "delta profiles").map((entry) => {
    const [index, profile] = readArray(entry, 2, "delta profiles");
    return { index: readInteger(index, 0, LIMITS.profiles, "delta profiles"), profile };
  });
  requireRising(added, (a, b) => a.index - b.index, "delta profiles");

  const profiles: unknown[] = [];
  let next = 0;
  const insert = () => {
    for (let entry = added[next]; entry?.index === profiles.length; entry = added[next]) {
      profiles.push(entry.profile);
      next += 1;
    }
  };
  const positions = old.profiles.map((profile, index) => {
    if (gone.has(index)) return -1;
    insert();
    return profiles.push(writeProfile(profile)) - 1;
  });
  insert();
  if (next < added.length) throw new Refused("inconsistent", "delta profiles");
  return { profiles, positions };
}

interface RowsDiff {
  readonly removed: Uint8Array;
  readonly changed: readonly CredentialRow[];
}

function diffRows(old: SnapshotContent, now: SnapshotContent, positions: readonly number[]): RowsDiff {
  const removed: Uint8Array[] = [];
  const changed: CredentialRow[] = [];
  const after = unpackRows(now.credentials);
  let next = 0;
  for (const row of unpackRows(old.credentials)) {
    for (let other = after[next]; other !== undefined; other = after[next]) {
      if (compareBytes(other.key, row.key) >= 0) break;
      changed.push(other);
      next += 1;
    }
    const same = after[next];
    if (same === undefined || compareBytes(same.key, row.key) !== 0) removed.push(row.key);
    else {
      next += 1;
      if (!equalRows({ ...row, profile: positions[row.profile] ?? -1 }, same)) changed.push(same);
    }
  }
  return { removed: concat(removed), changed: changed.concat(after.slice(next)) };
}

function applyRows(
  old: SnapshotContent,
  delta: Readonly<Record<string, unknown>>,
  positions: readonly number[],
  profileCount: number,
): PlainValue {
  const removed = readKeys(delta.credentialsRemoved);
  const changed = unpackRows(readColumns(delta.credentialsChanged, profileCount, "delta credentials"));
  const rows: CredentialRow[] = [];
  let gone = 0;
  let next = 0;
  for (const row of unpackRows(old.credentials)) {
    for (let other = changed[next]; other !== undefined; other = changed[next]) {
      if (compareBytes(other.key, row.key) >= 0) break;
      rows.push(other);
      next += 1;
    }
    const removal = removed[gone];
    const change = changed[next];
    if (removal !== undefined && compareBytes(removal, row.key) === 0) gone += 1;
    else if (change !== undefined && compareBytes(change.key, row.key) === 0) {
      rows.push(change);
      next += 1;
    } else rows.push({ ...row, profile: keptProfile(positions, row.profile) });
  }
  if (gone < removed.length) throw new Refused("inconsistent", "delta credentials");
  return writeColumns(packRows(rows.concat(changed.slice(next))));
}

function keptProfile(positions: readonly number[], profile: number): number {
  const position = positions[profile] ?? -1;
  if (position < 0) throw new Refused("inconsistent", "delta profiles");
  return position;
}

function readKeys(value: unknown): readonly Uint8Array[] {
  if (!(value instanceof Uint8Array) || value.length % KEY_BYTES !== 0) {
    throw new Refused("malformed", "delta credentials");
  }
  const keys = Array.from({ length: value.length / KEY_BYTES }, (_, index) =>
    value.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES),
  );
  requireRising(keys, compareBytes, "delta credentials");
  return keys;
}

function equalRows(a: CredentialRow, b: CredentialRow): boolean {
  return (
    a.profile === b.profile && a.traits === b.traits && a.dates.every((date, part) => date === b.dates[part])
  );
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.length * KEY_BYTES);
  for (const [index, part] of parts.entries()) bytes.set(part, index * KEY_BYTES);
  return bytes;
}
