import { toHex } from "@menshen/crypto/node";
import type { Trx } from "../../database/database.ts";
import { lockAccount } from "./resident.store.ts";
import { keyRefused, type ResidentSessionsService } from "./resident-sessions.service.ts";
import { isSignedBy } from "./signed-by.ts";

/**
 * Throws `key-refused` unless the resident's present key signed this text.
 *
 * @param signature hexadecimal, as requests carry it
 * @returns the key, 32 bytes, so that the signature can be verified again later
 */
export async function demandSignature(
  trx: Trx,
  personId: string,
  text: string,
  signature: string,
): Promise<Uint8Array> {
  const account = await lockAccount(trx, personId);
  if (account === undefined || !isSignedBy(toHex(account.authKey), text, signature)) throw keyRefused();
  return account.authKey;
}

/** As {@link demandSignature}, for a challenge that was not used yet: what was signed once is not sent a second time. */
export async function demandSignatureOnce(
  trx: Trx,
  sessions: Pick<ResidentSessionsService, "takeChallenge">,
  personId: string,
  text: string,
  { challenge, signature }: { readonly challenge: string; readonly signature: string },
): Promise<void> {
  const authKey = await demandSignature(trx, personId, text, signature);
  await sessions.takeChallenge(trx, toHex(authKey), challenge);
}
