import { diversificationInput, diversifyAes128, type KeyedCardKind, layoutOf } from "@menshen/credentials";
import {
  aesGcmOpen,
  concatBytes,
  coseVerify1,
  fromHex,
  hkdfSha256,
  hpkeOpen,
  primitives,
  toHex,
  x25519PublicKey,
} from "@menshen/crypto/node";
import { CommunityId, GateId } from "@menshen/domain";
import { externalAad, pseudonymMessage, uuidBytes } from "@menshen/wire";
import type { Loot } from "./loot.ts";

const LENGTHS_BYTES = [16, 32];
const NONCE_BYTES = 12;
const text = new TextEncoder();

/** By files and tables: the same loot with other entries has the same secrets. */
const known = new WeakMap<Loot["files"], WeakMap<Loot["tables"], Promise<readonly Uint8Array[]>>>();

/**
 * Everything in the loot that could be a key of 16 or 32 bytes: sealed secrets opened, cards' keys made again from their
 * masters, and the pseudonym keys that a gate's key among them opens.
 */
export function secretsIn(loot: Loot): Promise<readonly Uint8Array[]> {
  const ofFiles = known.get(loot.files) ?? new WeakMap();
  known.set(loot.files, ofFiles);
  const found = ofFiles.get(loot.tables) ?? search(loot);
  ofFiles.set(loot.tables, found);
  return found;
}

async function search(loot: Loot): Promise<readonly Uint8Array[]> {
  const found = new Map<string, Uint8Array>();
  const take = (bytes: Uint8Array) => {
    if (LENGTHS_BYTES.includes(bytes.length)) found.set(toHex(bytes), bytes);
  };
  for (const bytes of loot.files.values()) for (const window of windowsOf(bytes)) take(window);
  for (const rows of loot.tables.values()) {
    for (const row of rows)
      for (const value of Object.values(row)) for (const bytes of bytesIn(value)) take(bytes);
  }
  const opened = openedColumns(loot);
  for (const bytes of opened.values()) take(bytes);
  for (const bytes of remadeCardKeys(loot, opened)) take(bytes);
  for (const bytes of await relayedKeys(loot, [...found.values()])) take(bytes);
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

/** What the storage key opens, by what it was sealed as: the server's secrets, salts' keys, numbers of cards. */
function openedColumns(loot: Loot): ReadonlyMap<string, Uint8Array> {
  const root = [...loot.files].find(([name]) => name.endsWith("storage.key"))?.[1];
  if (root === undefined) throw new Error("the loot has no storage key");
  const key = hkdfSha256(root, new Uint8Array(), text.encode("menshen community storage v1"), 32);
  const sealed: [context: string, bytes: unknown][] = [
    ...rowsOf(loot, "public.server_secret").map((row): [string, unknown] => [
      `secret:${row.name}`,
      row.sealed,
    ]),
    ...rowsOf(loot, "keys.subject_salt").map((row): [string, unknown] => [
      `salt:${row.kind}:${row.id}`,
      row.sealed,
    ]),
    ...rowsOf(loot, "public.credential").map((row): [string, unknown] => [
      `identifier:${row.id}`,
      row.sealed_identifier,
    ]),
  ];
  return new Map(
    sealed.map(([context, bytes]) => {
      const opened =
        bytes instanceof Uint8Array
          ? aesGcmOpen(key, bytes.slice(0, NONCE_BYTES), bytes.slice(NONCE_BYTES), text.encode(context))
          : undefined;
      if (opened === undefined) throw new Error(`\`${context}\` does not open: the attack is blind`);
      return [context, opened];
    }),
  );
}

/** What the desk reader wrote onto cards: the server can make it again. */
function remadeCardKeys(loot: Loot, opened: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  const [community] = rowsOf(loot, "public.community");
  const communityId = uuidBytes(CommunityId(String(community?.id)));
  return rowsOf(loot, "public.credential").flatMap((row) => {
    const kind = row.kind as KeyedCardKind;
    const master = opened.get(`secret:master:${kind}`);
    const uid = opened.get(`identifier:${row.id}`);
    if (master === undefined || uid === undefined) return [];
    const doorGroups = [0, ...(Array.isArray(row.door_groups) ? row.door_groups.map(Number) : [])];
    const { applicationId } = layoutOf(kind);
    return doorGroups.map((doorGroup) => {
      const input = diversificationInput({ uid, applicationId, communityId, doorGroup });
      return diversifyAes128(primitives, master, input);
    });
  });
}

/** Pseudonym keys in the gates' words to each other, for a gate whose sealing key is among the secrets. */
async function relayedKeys(loot: Loot, secrets: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const gates = rowsOf(loot, "public.gate_device").map((row) => ({
    id: String(row.gate_id),
    deviceKey: asBytes(row.device_key),
    sealingKey: toHex(asBytes(row.sealing_key)),
  }));
  const sealingKeys = new Set(gates.map(({ sealingKey }) => sealingKey));
  const pairs = secrets
    .filter(({ length }) => length === 32)
    .map((secretKey) => ({ secretKey, publicKey: x25519PublicKey(secretKey) }))
    .filter(({ publicKey }) => sealingKeys.has(toHex(publicKey)));
  const found: Uint8Array[] = [];
  for (const row of rowsOf(loot, "public.gate_pseudonym")) {
    const sender = gates.find(({ id }) => id === row.gate_id);
    if (sender === undefined) throw new Error("a word of an unknown gate");
    const verification = coseVerify1({
      message: asBytes(row.message),
      key: { alg: "ES256", publicKey: sender.deviceKey },
      externalAad: externalAad("pseudonym"),
    });
    if (!verification.verified) throw new Error("a gate's word does not verify: the attack is blind");
    const { generation, epoch, wraps } = pseudonymMessage.decode(verification.payload);
    for (const key of pairs) {
      const to = gates.find(({ sealingKey }) => sealingKey === toHex(key.publicKey))?.id ?? "";
      const wrap = wraps.find(({ gateId }) => gateId === to);
      if (wrap === undefined) continue;
      const info = concatBytes(
        externalAad("pseudonym"),
        Uint8Array.of(0),
        uuidBytes(GateId(sender.id)),
        uuidBytes(GateId(to)),
        u32(generation),
        u32(epoch),
      );
      const { encapsulatedKey: enc, ciphertext } = wrap;
      const opened = await hpkeOpen({ key, enc, ciphertext, info });
      if (opened === undefined) throw new Error("a gate's word does not open: the attack is blind");
      found.push(opened);
    }
  }
  return found;
}

function rowsOf(loot: Loot, table: string) {
  return loot.tables.get(table) ?? [];
}

function asBytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? new Uint8Array(value) : new Uint8Array();
}

/** Big-endian. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
