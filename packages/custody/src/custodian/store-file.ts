import {
  type Argon2Cost,
  type Argon2id,
  concatBytes,
  equalBytes,
  hkdfSha256,
  type RandomBytes,
  wipe,
  xchachaOpen,
  xchachaSeal,
} from "@menshen/crypto";
import { ascii, ByteReader, unsigned } from "../bytes.ts";
import { CustodyError } from "../errors.ts";
import { encodeContents, parseContents, type StoreContents } from "./store-contents.ts";

const MAGIC = "MENSHEN-SHARE-STORE";
const VERSION = 1;
const MODES = { passphrase: 1, secret: 2 } as const;
const SALT_BYTES = 16;
const NONCE_BYTES = 24;
const KEY_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 1 + 1 + 4 + 1 + 1 + SALT_BYTES;
const MAX_BYTES = 4 * 1024 * 1024;
const SECRET_INFO = ascii("menshen/share-store/v1");

/** RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes. */
export const STORE_COST: Argon2Cost = { memoryKib: 65_536, passes: 3, lanes: 4 };
/** A file that asks for more is refused: it would only stop the machine. */
const MOST_MEMORY_KIB = 1_048_576;
const MOST_PASSES = 16;

/** What opens a store. */
export type StoreUnlock =
  | { readonly by: "passphrase"; readonly passphrase: string }
  /** Of a passkey's PRF extension, 32 bytes. */
  | { readonly by: "secret"; readonly secret: Uint8Array };

/** A store that was made or opened. Holds the key under which it is written again, and secrets in `contents`. */
export interface ShareStore {
  readonly contents: StoreContents;
  /** The first bytes of the file, which do not change. */
  readonly head: Uint8Array;
  readonly key: Uint8Array;
}

/**
 * An opened store, or why not: `wrong-unlock` also for a file that was changed; `other-unlock`: it opens by the other
 * kind.
 */
export type StoreOpened =
  | { readonly opened: true; readonly store: ShareStore }
  | {
      readonly opened: false;
      readonly refusal: "malformed" | "too-large" | "unknown-version" | "other-unlock" | "wrong-unlock";
    };

/**
 * A new store.
 *
 * @param input.random the operating system's generator
 * @param input.cost {@link STORE_COST} if absent; less is for tests only
 * @throws {CustodyError} `invalid-argument` for an empty passphrase, or a secret of another length than 32 bytes
 */
export async function createStore(input: {
  readonly contents: StoreContents;
  readonly unlock: StoreUnlock;
  readonly random: RandomBytes;
  readonly argon2id: Argon2id;
  readonly cost?: Argon2Cost;
}): Promise<ShareStore> {
  const { contents, unlock, random, argon2id, cost = STORE_COST } = input;
  const used = unlock.by === "passphrase" ? cost : { memoryKib: 0, passes: 0, lanes: 0 };
  const salt = random(SALT_BYTES);
  const head = concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(MODES[unlock.by], 1),
    unsigned(used.memoryKib, 4),
    unsigned(used.passes, 1),
    unsigned(used.lanes, 1),
    salt,
  );
  return { contents, head, key: await keyOf(unlock, salt, used, argon2id) };
}

/** Opens a file's bytes. */
export async function openStore(
  bytes: Uint8Array,
  unlock: StoreUnlock,
  argon2id: Argon2id,
): Promise<StoreOpened> {
  try {
    const reader = new ByteReader(bytes, MAX_BYTES);
    reader.header(MAGIC, VERSION);
    const mode = reader.unsigned(1);
    const cost = { memoryKib: reader.unsigned(4), passes: reader.unsigned(1), lanes: reader.unsigned(1) };
    const salt = reader.take(SALT_BYTES);
    const nonce = reader.take(NONCE_BYTES);
    const sealed = bytes.subarray(HEAD_BYTES + NONCE_BYTES);
    if (!isMode(mode) || !isAffordable(mode, cost)) return { opened: false, refusal: "malformed" };
    if (mode !== MODES[unlock.by]) return { opened: false, refusal: "other-unlock" };
    const head = bytes.slice(0, HEAD_BYTES);
    const key = await keyOf(unlock, salt, cost, argon2id);
    const plaintext = xchachaOpen(key, nonce, sealed, head);
    if (plaintext === undefined) return { opened: false, refusal: "wrong-unlock" };
    const contents = parseContents(plaintext);
    wipe(plaintext);
    return { opened: true, store: { contents, head, key } };
  } catch (error) {
    if (error instanceof CustodyError && error.code !== "invalid-argument") {
      return { opened: false, refusal: error.code };
    }
    throw error;
  }
}

/** Reads a file again that another process may have written since, without the passphrase. */
export function rereadStore(store: ShareStore, bytes: Uint8Array): StoreOpened {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (bytes.length > MAX_BYTES) return { opened: false, refusal: "too-large" };
  if (bytes.length < HEAD_BYTES + NONCE_BYTES || !equalBytes(head, store.head)) {
    return { opened: false, refusal: "malformed" };
  }
  const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const plaintext = xchachaOpen(store.key, nonce, bytes.subarray(HEAD_BYTES + NONCE_BYTES), head);
  if (plaintext === undefined) return { opened: false, refusal: "wrong-unlock" };
  const contents = parseContents(plaintext);
  wipe(plaintext);
  return { opened: true, store: { ...store, contents } };
}

/**
 * The bytes of a store, under a fresh nonce each time: head, nonce (24), sealed contents. Its length follows the count
 * of shares and records, which is no secret.
 */
export function sealStore(store: ShareStore, random: RandomBytes): Uint8Array<ArrayBuffer> {
  const nonce = random(NONCE_BYTES);
  const plaintext = encodeContents(store.contents);
  const bytes = concatBytes(store.head, nonce, xchachaSeal(store.key, nonce, plaintext, store.head));
  wipe(plaintext);
  return bytes;
}

async function keyOf(
  unlock: StoreUnlock,
  salt: Uint8Array,
  cost: Argon2Cost,
  argon2id: Argon2id,
): Promise<Uint8Array> {
  if (unlock.by === "secret") {
    if (unlock.secret.length !== KEY_BYTES) {
      throw new CustodyError("invalid-argument", `expected a secret of ${KEY_BYTES} bytes`);
    }
    return hkdfSha256(unlock.secret, salt, SECRET_INFO, KEY_BYTES);
  }
  if (unlock.passphrase === "") throw new CustodyError("invalid-argument", "expected a passphrase");
  // One passphrase typed on two keyboards is the same text only in a normal form.
  const passphrase = new TextEncoder().encode(unlock.passphrase.normalize("NFC"));
  const key = await argon2id(passphrase, salt, cost, KEY_BYTES);
  wipe(passphrase);
  return key;
}

function isMode(mode: number): mode is (typeof MODES)[keyof typeof MODES] {
  return mode === MODES.passphrase || mode === MODES.secret;
}

function isAffordable(mode: number, { memoryKib, passes, lanes }: Argon2Cost): boolean {
  if (mode === MODES.secret) return memoryKib === 0 && passes === 0 && lanes === 0;
  return (
    lanes >= 1 &&
    passes >= 1 &&
    passes <= MOST_PASSES &&
    memoryKib >= 8 * lanes &&
    memoryKib <= MOST_MEMORY_KIB
  );
}
