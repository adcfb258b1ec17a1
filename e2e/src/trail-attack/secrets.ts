import { aesGcmOpen, fromHex, hkdfSha256, toHex } from "@menshen/crypto/node";
import type { Loot } from "./loot.ts";

const LENGTHS_BYTES = [16, 32];
const NONCE_BYTES = 12;
const text = new TextEncoder();

const known = new WeakMap<Loot, readonly Uint8Array[]>();

/** Everything in the loot that could be a key of 16 or 32 bytes, sealed secrets opened first. */
export function secretsIn(loot: Loot): readonly Uint8Array[] {
  const before = known.get(loot);
  if (before !== undefined) return before;
  const found = search(loot);
  known.set(loot, found);
  return found;
}

function search(loot: Loot): readonly Uint8Array[] {
  const found = new Map<string, Uint8Array>();
  const take = (bytes: Uint8Array) => {
    if (LENGTHS_BYTES.includes(bytes.length)) found.set(toHex(bytes), bytes);
  };
  for (const bytes of loot.remade) take(bytes);
  for (const bytes of loot.files.values()) for (const window of windowsOf(bytes)) take(window);
  for (const rows of loot.tables.values()) {
    for (const row of rows)
      for (const value of Object.values(row)) for (const bytes of bytesIn(value)) take(bytes);
  }
  for (const opened of openedSecrets(loot)) take(opened);
  return [...found.values()];
}

/** Key files are short, or PEM: every stretch of them may be a key. */
function* windowsOf(file: Uint8Array): Generator<Uint8Array> {
  yield file;
  const pem = /-----BEGIN [A-Z ]*KEY-----([^-]+)-----END/g;
  const bodies = [...new TextDecoder("latin1").decode(file).matchAll(pem)].map(
    ([, body]) => new Uint8Array(Buffer.from(body ?? "", "base64")),
  );
  for (const bytes of file.length <= 256 ? [file, ...bodies] : bodies) {
    for (const length of LENGTHS_BYTES) {
      for (let at = 0; at + length <= bytes.length; at++) yield bytes.slice(at, at + length);
    }
  }
}

/** A column's bytes, and what its text spells in hexadecimal or base64. */
function* bytesIn(value: unknown): Generator<Uint8Array> {
  if (value instanceof Uint8Array) {
    yield new Uint8Array(value);
    // Beginnings and ends: a key with something around it.
    for (const length of LENGTHS_BYTES) {
      yield new Uint8Array(value.subarray(0, length));
      yield new Uint8Array(value.subarray(-length));
    }
  } else if (typeof value === "string") {
    for (const [word] of value.matchAll(/[0-9a-f]{32,64}/gi))
      if (word.length % 2 === 0) yield fromHex(word.toLowerCase());
    for (const [word] of value.matchAll(/[\w+/-]{22,44}={0,2}/g))
      yield new Uint8Array(Buffer.from(word, "base64"));
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    for (const inner of Object.values(value)) yield* bytesIn(inner);
  }
}

/** What the storage key opens: the server's secrets, numbers of cards, keys of salts. */
function* openedSecrets(loot: Loot): Generator<Uint8Array> {
  const root = [...loot.files].find(([name]) => name.endsWith("storage.key"))?.[1];
  if (root === undefined) throw new Error("the loot has no storage key");
  const key = hkdfSha256(root, new Uint8Array(), text.encode("menshen community storage v1"), 32);
  const open = (sealed: unknown, context: string) =>
    sealed instanceof Uint8Array && sealed.length > NONCE_BYTES
      ? aesGcmOpen(key, sealed.slice(0, NONCE_BYTES), sealed.slice(NONCE_BYTES), text.encode(context))
      : undefined;
  for (const row of loot.tables.get("public.server_secret") ?? []) {
    const opened = open(row.sealed, `secret:${String(row.name)}`);
    if (opened === undefined) throw new Error("a server secret does not open: the attack is blind");
    yield opened;
  }
}
