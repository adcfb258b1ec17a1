import {
  type Argon2Cost,
  argon2id,
  concatBytes,
  type RandomBytes,
  wipe,
  xchachaOpen,
  xchachaSeal,
} from "@menshen/crypto/node";
import { KeyServiceError } from "./errors.ts";

// File: magic, version (1), Argon2id's memory in KiB (4), passes (1), lanes (1), salt (16), nonce (24), sealed contents.
// Everything before the nonce is authenticated with the contents.

const MAGIC = new TextEncoder().encode("MENSHEN-KEY-STORE");
const VERSION = 1;
const SALT_BYTES = 16;
const NONCE_BYTES = 24;
const KEY_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 1 + 4 + 1 + 1 + SALT_BYTES;
const MAX_BYTES = 1024 * 1024;

/** RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes. */
export const KEY_STORE_COST: Argon2Cost = { memoryKib: 65_536, passes: 3, lanes: 4 };
/** A file that asks for more is refused: it would only stop the machine. */
const MOST_MEMORY_KIB = 1_048_576;
const MOST_PASSES = 16;

/** What a file is sealed under as long as it is open. */
export interface FileSeal {
  readonly head: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * The seal of a new file.
 *
 * @throws {KeyServiceError} `bad-argument` for an empty passphrase
 */
export async function newSeal(passphrase: string, random: RandomBytes, cost: Argon2Cost): Promise<FileSeal> {
  const salt = random(SALT_BYTES);
  const numbers = new Uint8Array(7);
  const view = new DataView(numbers.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(1, cost.memoryKib);
  view.setUint8(5, cost.passes);
  view.setUint8(6, cost.lanes);
  return { head: concatBytes(MAGIC, numbers, salt), key: await keyOf(passphrase, salt, cost) };
}

/**
 * The seal of a file that is there.
 *
 * @throws {KeyServiceError} `malformed`, `too-large`, `unknown-version`; `bad-argument` for an empty passphrase
 */
export async function sealOf(bytes: Uint8Array, passphrase: string): Promise<FileSeal> {
  const { head, cost } = parseHead(bytes);
  return { head, key: await keyOf(passphrase, head.slice(-SALT_BYTES), cost) };
}

/**
 * The same by the key that its passphrase gives, 32 bytes.
 *
 * @throws {KeyServiceError} `malformed`, `too-large`, `unknown-version`
 */
export function sealUnder(bytes: Uint8Array, key: Uint8Array): FileSeal {
  return { head: parseHead(bytes).head, key: key.slice() };
}

/**
 * Opens a file.
 *
 * @returns its contents, which the caller wipes
 * @throws {KeyServiceError} `malformed`, `too-large`, `unknown-version`; `wrong-unlock` also for a file that was sealed
 *   under another passphrase meanwhile
 */
export function openContents(bytes: Uint8Array, seal: FileSeal): Uint8Array {
  const { head } = parseHead(bytes);
  const nonce = bytes.slice(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const contents = xchachaOpen(seal.key, nonce, bytes.subarray(HEAD_BYTES + NONCE_BYTES), head);
  if (contents === undefined) throw new KeyServiceError("wrong-unlock", "the key store does not open");
  return contents;
}

function parseHead(bytes: Uint8Array): { readonly head: Uint8Array; readonly cost: Argon2Cost } {
  if (bytes.length > MAX_BYTES) throw new KeyServiceError("too-large", `expected at most ${MAX_BYTES} bytes`);
  const head = bytes.slice(0, HEAD_BYTES);
  const isOurs =
    bytes.length >= HEAD_BYTES + NONCE_BYTES && MAGIC.every((byte, index) => bytes[index] === byte);
  if (!isOurs) throw new KeyServiceError("malformed", "expected a key store");
  const view = new DataView(head.buffer, head.byteOffset + MAGIC.length);
  if (view.getUint8(0) !== VERSION)
    throw new KeyServiceError("unknown-version", "expected a key store of version 1");
  const cost = { memoryKib: view.getUint32(1), passes: view.getUint8(5), lanes: view.getUint8(6) };
  if (!isAffordable(cost))
    throw new KeyServiceError("malformed", "expected a cost that this machine can pay");
  return { head, cost };
}

/** The bytes of a file, under a fresh nonce each time. */
export function sealContents(seal: FileSeal, contents: Uint8Array, random: RandomBytes): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return concatBytes(seal.head, nonce, xchachaSeal(seal.key, nonce, contents, seal.head));
}

async function keyOf(passphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  if (passphrase === "") throw new KeyServiceError("bad-argument", "expected a passphrase");
  // One passphrase typed on two keyboards is the same text only in a normal form.
  const bytes = new TextEncoder().encode(passphrase.normalize("NFC"));
  const key = await argon2id(bytes, salt, cost, KEY_BYTES);
  wipe(bytes);
  return key;
}

function isAffordable({ memoryKib, passes, lanes }: Argon2Cost): boolean {
  return (
    lanes >= 1 &&
    passes >= 1 &&
    passes <= MOST_PASSES &&
    memoryKib >= 8 * lanes &&
    memoryKib <= MOST_MEMORY_KIB
  );
}
