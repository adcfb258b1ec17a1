import { ed25519FromSecret, randomBytes, sha256 } from "@menshen/crypto/node";
import { type NoteKey, noteKey } from "@menshen/evidence";
import type { Database } from "../database/database.ts";
import { moment } from "../database/database.ts";
import type { StorageKey } from "./storage-key.ts";

const SECRET_BYTES = 32;

/** An Ed25519 key that signs notes under a name of its own. */
export interface NoteSigner {
  readonly secretKey: Uint8Array;
  readonly key: NoteKey;
}

/**
 * The key that signs the visitor passes of the desk, an Ed25519 seed of 32 bytes: in the database, sealed under the storage
 * key, made at the first start. Throws `keys-unreadable`.
 */
export function loadPassKey(db: Database, storageKey: StorageKey, now: number): Promise<Uint8Array> {
  return loadSecret(db, storageKey, "pass-key", now);
}

/**
 * Reads a key for what others keep, made at the first start. Apart from the log's: whoever signs receipts or packages
 * cannot fork the log. Throws `keys-unreadable`.
 *
 * @param origin what the name of the key begins with; the community's id follows
 */
export async function loadNoteSigner(
  db: Database,
  storageKey: StorageKey,
  { secret, origin }: { readonly secret: "receipt-key" | "opening-package-key"; readonly origin: string },
  communityId: string,
  now: number,
): Promise<NoteSigner> {
  const secretKey = await loadSecret(db, storageKey, secret, now);
  const { publicKey } = ed25519FromSecret(secretKey);
  const name = `${origin}/${communityId}`;
  return { secretKey, key: noteKey(sha256, { name, type: "ed25519", publicKey }) };
}

async function loadSecret(
  db: Database,
  storageKey: StorageKey,
  name: string,
  now: number,
): Promise<Uint8Array> {
  const context = `secret:${name}`;
  // Two servers that start at once agree on the first one stored.
  await db
    .insertInto("server_secret")
    .values({ name, sealed: storageKey.seal(randomBytes(SECRET_BYTES), context), created_at: moment(now) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const { sealed } = await db
    .selectFrom("server_secret")
    .select("sealed")
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  return storageKey.open(sealed, context);
}
