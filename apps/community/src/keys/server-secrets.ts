import { randomBytes } from "@menshen/crypto/node";
import type { Database } from "../database/database.ts";
import { moment } from "../database/database.ts";
import type { StorageKey } from "./storage-key.ts";

/** Secrets that live in the database, sealed under the storage key; masters of cards too, see `card-masters.ts`. */
export interface ServerSecrets {
  /** Shared with gates and written onto cards that hide their number: 16 bytes, under which they tell it. */
  readonly privacyKey: Uint8Array;
  /** Shared with the gates: 16 bytes, without which a PIN's credential key says nothing of its digits. */
  readonly pinKey: Uint8Array;
  /** Ed25519 seed, 32 bytes: signs the visitor passes of the desk. */
  readonly passKey: Uint8Array;
}

const LENGTH_BYTES = {
  "privacy-key": 16,
  "pin-key": 16,
  "pass-key": 32,
} as const;

/** Reads the secrets, making those that are missing (first start). Throws `keys-unreadable`. */
export async function loadServerSecrets(
  db: Database,
  storageKey: StorageKey,
  now: number,
): Promise<ServerSecrets> {
  async function secret(name: keyof typeof LENGTH_BYTES): Promise<Uint8Array> {
    const fresh = storageKey.seal(randomBytes(LENGTH_BYTES[name]), `secret:${name}`);
    // Two servers that start at once agree on the first one stored.
    await db
      .insertInto("server_secret")
      .values({ name, sealed: fresh, created_at: moment(now) })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const row = await db
      .selectFrom("server_secret")
      .select("sealed")
      .where("name", "=", name)
      .executeTakeFirstOrThrow();
    return storageKey.open(row.sealed, `secret:${name}`);
  }
  return {
    privacyKey: await secret("privacy-key"),
    pinKey: await secret("pin-key"),
    passKey: await secret("pass-key"),
  };
}
