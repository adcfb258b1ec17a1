import type { Database } from "../../database/database.ts";
import { loadNoteSigner, type NoteSigner } from "../../keys/server-secrets.ts";
import type { StorageKey } from "../../keys/storage-key.ts";

/** The key that signs packages. */
export type PackageKey = NoteSigner;

/** Reads the key, made at the first start. Throws `keys-unreadable`. */
export function loadPackageKey(
  db: Database,
  storageKey: StorageKey,
  communityId: string,
  now: number,
): Promise<PackageKey> {
  const what = { secret: "opening-package-key", origin: "openings.menshen.local" } as const;
  return loadNoteSigner(db, storageKey, what, communityId, now);
}
