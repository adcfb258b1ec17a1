import { ed25519FromSecret, randomBytes, sha256 } from "@menshen/crypto/node";
import { type NoteKey, noteKey } from "@menshen/evidence";
import { type Database, moment } from "../../database/database.ts";
import type { StorageKey } from "../../keys/storage-key.ts";

const NAME = "opening-package-key";
const CONTEXT = `secret:${NAME}`;

/** The key that signs packages. Apart from the log's: one who signs hand-overs must not be able to fork the log. */
export interface PackageKey {
  readonly secretKey: Uint8Array;
  readonly key: NoteKey;
}

/** Reads the key, made at the first start. Throws `keys-unreadable`. */
export async function loadPackageKey(
  db: Database,
  storageKey: StorageKey,
  communityId: string,
  now: number,
): Promise<PackageKey> {
  // Two servers that start at once agree on the first one stored.
  await db
    .insertInto("server_secret")
    .values({ name: NAME, sealed: storageKey.seal(randomBytes(32), CONTEXT), created_at: moment(now) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  const { sealed } = await db
    .selectFrom("server_secret")
    .select("sealed")
    .where("name", "=", NAME)
    .executeTakeFirstOrThrow();
  const secretKey = storageKey.open(sealed, CONTEXT);
  const { publicKey } = ed25519FromSecret(secretKey);
  const name = `openings.menshen.local/${communityId}`;
  return { secretKey, key: noteKey(sha256, { name, type: "ed25519", publicKey }) };
}
