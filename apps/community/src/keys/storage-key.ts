import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { aesGcmOpen, aesGcmSeal, concatBytes, hkdfSha256, randomBytes } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import { CommunityError } from "../errors.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** Seals what the database must not hold in clear: card numbers, master keys. */
export interface StorageKey {
  /** @param context what it is and whose, e.g. `identifier:<credential id>`; opening needs the same */
  readonly seal: (plaintext: Uint8Array, context: string) => Uint8Array;
  /** Throws `keys-unreadable` if it was sealed under another key or context, or has changed. */
  readonly open: (sealed: Uint8Array, context: string) => Uint8Array;
}

/**
 * The server's storage key: a file of 32 bytes that only this user can read, made at the first start. Without it the
 * database's secrets stay sealed, and with a copy of the database alone they stay sealed too.
 *
 * Throws `keys-unreadable` for a file of another length or one that others may read.
 */
export function loadStorageKey(file: string): StorageKey {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileDurably(file, randomBytes(KEY_BYTES), 0o600);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new CommunityError(
      "keys-unreadable",
      "the storage key can be read by other users: expected mode 0600",
    );
  }
  const root = new Uint8Array(readFileSync(file));
  if (root.length !== KEY_BYTES) {
    throw new CommunityError(
      "keys-unreadable",
      `storage key: expected ${KEY_BYTES} bytes, came ${root.length}`,
    );
  }
  return makeStorageKey(root);
}

/** @param root 32 bytes */
export function makeStorageKey(root: Uint8Array): StorageKey {
  const text = new TextEncoder();
  const key = hkdfSha256(root, new Uint8Array(), text.encode("menshen community storage v1"), KEY_BYTES);
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      return concatBytes(nonce, aesGcmSeal(key, nonce, plaintext, text.encode(context)));
    },
    open(sealed, context) {
      const opened =
        sealed.length > NONCE_BYTES
          ? aesGcmOpen(
              key,
              sealed.subarray(0, NONCE_BYTES),
              sealed.subarray(NONCE_BYTES),
              text.encode(context),
            )
          : undefined;
      if (opened === undefined) {
        throw new CommunityError("keys-unreadable", "a stored secret does not open under this storage key");
      }
      return opened;
    },
  };
}
