import { statSync } from "node:fs";
import { join } from "node:path";
import {
  aesGcmOpen,
  aesGcmSeal,
  concatBytes,
  hkdfSha256,
  hmacSha256,
  randomBytes,
} from "@menshen/crypto/node";
import { GateError } from "../errors.ts";
import { readDurable, writeDurable } from "./durable-file.ts";

/** Protects what is written to this gate's disk. */
export interface Seal {
  /** AES-256-GCM under a random nonce; `purpose` binds the bytes to where they belong. */
  seal(purpose: string, plaintext: Uint8Array): Uint8Array;
  /** @throws {GateError} `seal-broken` */
  open(purpose: string, sealed: Uint8Array): Uint8Array;
  /** What stands for `bytes` on this disk where a sealed value could not be looked up, 16 bytes: HMAC under the same key. */
  nameOf(purpose: string, bytes: Uint8Array): Uint8Array;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const NAME_BYTES = 16;

/**
 * The seal of a gate without a TPM: a random key in a file that only the gate's user may read. Whoever takes the whole
 * disk has the key too, which is why such a gate's custody is graded lower (docs/decisions).
 *
 * @throws {GateError} `seal-broken` if the key file is readable by others or has another length; `disk-full`,
 *   `disk-failed`
 */
export function openFileSeal(stateDir: string): Seal {
  const path = join(stateDir, "seal.key");
  let key = readDurable(path);
  if (key === undefined) {
    key = randomBytes(KEY_BYTES);
    writeDurable(path, key);
  } else if ((statSync(path).mode & 0o077) !== 0) {
    throw new GateError("seal-broken", "expected seal.key to be readable by its owner only (mode 0600)");
  }
  if (key.length !== KEY_BYTES) {
    throw new GateError("seal-broken", `expected seal.key to hold ${KEY_BYTES} bytes, came ${key.length}`);
  }
  return makeSeal(key);
}

export function makeSeal(key: Uint8Array): Seal {
  const encoder = new TextEncoder();
  return {
    seal(purpose, plaintext) {
      const nonce = randomBytes(NONCE_BYTES);
      return concatBytes(nonce, aesGcmSeal(key, nonce, plaintext, encoder.encode(purpose)));
    },
    open(purpose, sealed) {
      const plaintext =
        sealed.length < NONCE_BYTES
          ? undefined
          : aesGcmOpen(key, sealed.slice(0, NONCE_BYTES), sealed.slice(NONCE_BYTES), encoder.encode(purpose));
      if (plaintext === undefined) {
        throw new GateError("seal-broken", `${purpose}: expected bytes that this gate's seal.key sealed`);
      }
      return plaintext;
    },
    nameOf(purpose, bytes) {
      const nameKey = hkdfSha256(key, new Uint8Array(), encoder.encode(purpose), KEY_BYTES);
      return hmacSha256(nameKey, bytes).slice(0, NAME_BYTES);
    },
  };
}
