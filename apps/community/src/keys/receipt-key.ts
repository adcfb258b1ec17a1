import { ed25519FromSecret, randomBytes, sha256 } from "@menshen/crypto/node";
import { type NoteKey, noteKey } from "@menshen/evidence";
import { type Database, moment } from "../database/database.ts";
import type { StorageKey } from "./storage-key.ts";

const NAME = "receipt-key";
const CONTEXT = `secret:${NAME}`;

/** The community's key for receipts that residents keep. Apart from the log's: whoever signs receipts cannot fork the log. */
export interface ReceiptKey {
  readonly secretKey: Uint8Array;
  readonly key: NoteKey;
}

/** Reads the key, made at the first start. Throws `keys-unreadable`. */
export async function loadReceiptKey(
  db: Database,
  storageKey: StorageKey,
  communityId: string,
  now: number,
): Promise<ReceiptKey> {
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
  const name = `receipts.menshen.local/${communityId}`;
  return { secretKey, key: noteKey(sha256, { name, type: "ed25519", publicKey }) };
}
