import { equalBytes, toHex } from "@menshen/crypto/node";
import { parseSealedEntry } from "@menshen/custody";
import type { LootedEntry } from "./loot.ts";
import { type Attack, register } from "./register.ts";

// What joins entries that should have nothing in common. Whoever is known at one of them is then known at all.

/** Two counters of one card are this near to each other. */
const MAX_TAPS = 64;
const FIELD_PRIME = 2n ** 255n - 19n;
const MONTGOMERY_A = 486_662n;

const keyOf = ({ body }: LootedEntry) => toHex(body.pseudonymKeyId ?? new Uint8Array());

/** What links a card's pseudonyms under two keys: the same value, or counters that go on. */
export const linkKeys: Attack = (loot) => {
  const named = new Map<string, string>();
  const [person = ""] = register(loot).map(({ personId }) => personId);
  for (const one of loot.entries) {
    for (const other of loot.entries) {
      if (one.body.pseudonym === undefined || other.body.pseudonym === undefined) continue;
      if (keyOf(one) === keyOf(other)) continue;
      const gap = Math.abs(
        (one.body.evidence?.counter ?? 0) - (other.body.evidence?.counter ?? Number.MAX_VALUE),
      );
      if (equalBytes(one.body.pseudonym, other.body.pseudonym) || gap <= MAX_TAPS)
        named.set(other.name, person);
    }
  }
  return named;
};

/** Parts of two sealed identities or of two wraps that are the same: made of one random number, or not random. */
export const twins: Attack = (loot) => {
  const holders = new Map<string, string[]>();
  for (const { name, body } of loot.entries) {
    const parts: (readonly [string, Uint8Array])[] = [];
    if (body.sealed !== undefined) {
      const { maskedKey, u, uBar, proof, payload } = parseSealedEntry(body.sealed);
      parts.push(
        ["masked key", maskedKey],
        ["u", u.toBytes()],
        ["u bar", uBar.toBytes()],
        ["challenge", proof.challenge.toBytes()],
        ["response", proof.response.toBytes()],
        ["payload", payload],
        ["tag", payload.slice(-16)],
      );
    }
    if (body.wrap !== undefined) {
      parts.push(["sender", body.wrap.slice(0, 32)]);
      // Blocks of the text, wherever they stand.
      for (let at = 32; at + 16 <= body.wrap.length; at += 16)
        parts.push(["wrap", body.wrap.slice(at, at + 16)]);
    }
    for (const [part, bytes] of parts) {
      const same = `${part} ${toHex(bytes)}`;
      holders.set(same, [...(holders.get(same) ?? []), name]);
    }
  }
  return new Map(
    [...holders].flatMap(([part, names]) =>
      names.length < 2 ? [] : names.map((name) => [name, part] as const),
    ),
  );
};

/**
 * How wraps for somebody differ from those for nobody, without opening any: by length, or because what should be the
 * sender's key is none. With one account alone, each real wrap is that person's.
 */
export const wrapShape: Attack = (loot) => {
  const accounts = loot.tables.get("public.resident_account") ?? [];
  const shapes = new Map<string, string[]>();
  for (const { name, body } of loot.entries) {
    if (body.kind === undefined) continue;
    const shape = body.wrap === undefined ? "none" : `${body.wrap.length} ${isSendersKey(body.wrap)}`;
    shapes.set(shape, [...(shapes.get(shape) ?? []), name]);
  }
  if (shapes.size < 2) return new Map();
  const real = shapes.get("96 true") ?? [];
  return new Map(real.map((name) => [name, String(accounts[0]?.person_id)] as const));
};

/** Public keys of X25519 lie on the curve and have no highest bit; of random bytes, three in four are no such key. */
function isSendersKey(wrap: Uint8Array): boolean {
  if (((wrap[31] ?? 0) & 0x80) !== 0) return false;
  const x = BigInt(`0x${toHex(wrap.slice(0, 32).reverse())}`);
  const square = (x * x * x + MONTGOMERY_A * x * x + x) % FIELD_PRIME;
  return power(square, (FIELD_PRIME - 1n) / 2n) <= 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % FIELD_PRIME;
    factor = (factor * factor) % FIELD_PRIME;
  }
  return result;
}

/** What a card shows of itself, where one card alone shows it under two keys: kind, grade, and all open evidence. */
export const fingerprint: Attack = (loot) => {
  const cards = new Map<string, Map<string, Set<string>>>();
  const shown = (entry: LootedEntry) => {
    // The counter is looked at elsewhere; how long the answer took is no fixed value.
    const { counter: _counter, dialogueMs: _dialogueMs, ...evidence } = entry.body.evidence ?? {};
    return JSON.stringify([entry.body.kind, entry.body.grade, evidence]);
  };
  for (const entry of loot.entries) {
    if (entry.body.pseudonym === undefined) continue;
    const ofKey = cards.get(keyOf(entry)) ?? new Map<string, Set<string>>();
    const pseudonyms = ofKey.get(shown(entry)) ?? new Set<string>();
    cards.set(keyOf(entry), ofKey.set(shown(entry), pseudonyms.add(toHex(entry.body.pseudonym))));
  }
  const named = new Map<string, string>();
  for (const entry of loot.entries) {
    if (entry.body.pseudonym === undefined) continue;
    const alone = [...cards.values()].filter((ofKey) => ofKey.get(shown(entry))?.size === 1);
    if (alone.length > 1) named.set(entry.name, shown(entry));
  }
  return named;
};
