import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { randomBytes } from "@menshen/crypto/node";
import { writeFileDurably } from "@menshen/service-kit";
import { CommunityError } from "../errors.ts";

const SEED_BYTES = 32;

/**
 * The key that signs the evidence log: an Ed25519 seed of 32 bytes in a file that only this user can read, made at the
 * first start. Whoever has it can sign another history; that is what witnesses are for.
 *
 * Throws `keys-unreadable` for a file of another length or one that others may read.
 */
export function loadLogKey(file: string): Uint8Array {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileDurably(file, randomBytes(SEED_BYTES), 0o600);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new CommunityError(
      "keys-unreadable",
      "the key of the evidence log can be read by other users: expected mode 0600",
    );
  }
  const seed = new Uint8Array(readFileSync(file));
  if (seed.length !== SEED_BYTES) {
    throw new CommunityError(
      "keys-unreadable",
      `key of the evidence log: expected ${SEED_BYTES} bytes, came ${seed.length}`,
    );
  }
  return seed;
}
