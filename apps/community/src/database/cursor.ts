import { CommunityError } from "../errors.ts";

type Key = string | number;

/** A list's place after a row, from the row's sort keys. Opaque to callers. */
export function encodeCursor(keys: readonly Key[]): string {
  return Buffer.from(JSON.stringify(keys), "utf8").toString("base64url");
}

/**
 * The sort keys inside a cursor that a caller sent back, of the kinds told.
 *
 * Throws `invalid-request` for anything that {@link encodeCursor} cannot have made for this list.
 */
export function decodeCursor<const Kinds extends readonly ("string" | "number")[]>(
  cursor: string,
  kinds: Kinds,
): { -readonly [I in keyof Kinds]: Kinds[I] extends "number" ? number : string } {
  const keys = parse(cursor);
  if (Array.isArray(keys) && keys.length === kinds.length && matches(keys, kinds)) return keys;
  throw new CommunityError("invalid-request", "cursor: expected one that an earlier page gave");
}

function matches<Kinds extends readonly ("string" | "number")[]>(
  keys: unknown[],
  kinds: Kinds,
): keys is { -readonly [I in keyof Kinds]: Kinds[I] extends "number" ? number : string } {
  return keys.every(
    (key, index) => typeof key === kinds[index] && (typeof key !== "number" || Number.isSafeInteger(key)),
  );
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Cuts one page out of rows that were read with one more than `limit`. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  keysOf: (row: Row) => readonly Key[],
): { readonly rows: readonly Row[]; readonly nextCursor?: string } {
  if (rows.length <= limit) return { rows };
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return last === undefined ? { rows: page } : { rows: page, nextCursor: encodeCursor(keysOf(last)) };
}
