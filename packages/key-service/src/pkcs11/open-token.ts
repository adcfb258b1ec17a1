import type { KeyService } from "../key-service.ts";
import type { Pkcs11Token } from "./pkcs11-key-service.ts";

/**
 * Keys in a PKCS#11 token, see `pkcs11-key-service.ts`. What calls C functions is loaded here and not before, so that who
 * has no token does without it.
 *
 * @throws {KeyServiceError} `token-absent`, `wrong-unlock`, `token-refused`
 */
export async function openPkcs11KeyService(token: Pkcs11Token): Promise<KeyService> {
  const backEnd = await import("./pkcs11-key-service.ts");
  return backEnd.openPkcs11KeyService(token);
}
