import { randomBytes } from "@menshen/crypto/node";
import type { Database } from "../database/database.ts";
import { moment } from "../database/database.ts";
import type { StorageKey } from "./storage-key.ts";

const PASS_KEY = "pass-key";
const PASS_KEY_BYTES = 32;

/**
 * The key that signs the visitor passes of the desk, an Ed25519 seed of 32 bytes: in the database, sealed under the storage
 * key, made at the first start. Throws `keys-unreadable`.
 */
export async function loadPassKey(db: Database, storageKey: StorageKey, now: number): Promise<Uint8Array> {
  const fresh = storageKey.seal(randomBytes(PASS_KEY_BYTES), `secret:${PASS_KEY}`);
  // Two servers that start at once agree on the first one stored.
  await db
    .insertInto("server_secret")
    .values({ name: PASS_KEY, sealed: fresh, created_at: moment(now) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const row = await db
    .selectFrom("server_secret")
    .select("sealed")
    .where("name", "=", PASS_KEY)
    .executeTakeFirstOrThrow();
  return storageKey.open(row.sealed, `secret:${PASS_KEY}`);
}
