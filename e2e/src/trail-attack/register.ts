import { toHex } from "@menshen/crypto/node";
import type { Loot, LootedEntry } from "./loot.ts";

/** Whom an attack names, by entry. */
export type Named = ReadonlyMap<string, string>;

/** One way to get from the loot to names. */
export type Attack = (loot: Loot) => Promise<Named> | Named;

/** A credential as the server's register has it. */
export interface HeldCredential {
  readonly id: string;
  readonly key: Uint8Array;
  readonly personId: string;
  readonly kind: string;
  readonly grade: string;
  readonly state: string;
  readonly enrolledAt: number;
}

/** Somebody who enrols a card that the door did not know does it soon. */
export const ENROLMENT_WINDOW_MS = 10 * 60_000;

export const ascii = (text: string) => new TextEncoder().encode(text);

export function register(loot: Loot): readonly HeldCredential[] {
  return (loot.tables.get("public.credential") ?? []).map((row) => ({
    id: String(row.id),
    key: row.key instanceof Uint8Array ? new Uint8Array(row.key) : new Uint8Array(),
    personId: String(row.person_id),
    kind: String(row.kind),
    grade: String(row.grade),
    state: String(row.state),
    enrolledAt: row.enrolled_at instanceof Date ? row.enrolled_at.getTime() : 0,
  }));
}

/** All entries of whoever stands behind each pseudonym that was named. */
export function spread(entries: readonly LootedEntry[], byPseudonym: ReadonlyMap<string, string>): Named {
  const named = new Map<string, string>();
  for (const { name, body } of entries) {
    const person = body.pseudonym && byPseudonym.get(toHex(body.pseudonym));
    if (person !== undefined) named.set(name, person);
  }
  return named;
}
