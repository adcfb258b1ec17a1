import { openFileKeyService } from "./file-key-service.ts";
import type { KeyAccess, KeyService } from "./key-service.ts";
import { openPkcs11KeyService } from "./pkcs11/open-token.ts";

/**
 * Opens, in another thread, keys that this process has open.
 *
 * @throws {KeyServiceError} as the back end's own function
 */
export async function openKeyAccess(access: KeyAccess): Promise<KeyService> {
  return access.backEnd === "file"
    ? openFileKeyService(access.file, { sealKey: access.sealKey })
    : openPkcs11KeyService(access);
}
