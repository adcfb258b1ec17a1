import type { Database } from "../database/database.ts";
import { loadNoteSigner, type NoteSigner } from "./server-secrets.ts";
import type { StorageKey } from "./storage-key.ts";

/** The community's key for receipts that residents keep. */
export type ReceiptKey = NoteSigner;

/** Reads the key, made at the first start. Throws `keys-unreadable`. */
export function loadReceiptKey(
  db: Database,
  storageKey: StorageKey,
  communityId: string,
  now: number,
): Promise<ReceiptKey> {
  const what = { secret: "receipt-key", origin: "receipts.menshen.local" } as const;
  return loadNoteSigner(db, storageKey, what, communityId, now);
}
