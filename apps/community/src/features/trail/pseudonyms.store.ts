import { CredentialKey } from "@menshen/domain";
import type { Reader, Trx } from "../../database/database.ts";
import { pseudonymOf } from "../../keys/server-secrets.ts";

/** Makes a credential findable from the pseudonym that gates write for it. */
export async function linkPseudonym(
  trx: Trx,
  pseudonymKey: Uint8Array,
  credential: { readonly id: string; readonly key: CredentialKey },
): Promise<void> {
  await trx
    .insertInto("credential_pseudonym")
    .values({ pseudonym: pseudonymOf(pseudonymKey, credential.key), credential_id: credential.id })
    .execute();
}

/** The credential that stood behind a pseudonym at a moment: a card may have had several holders one after another. */
export async function selectCredentialBehind(
  db: Reader,
  pseudonym: Uint8Array,
  at: number,
): Promise<{ readonly id: string; readonly personId: string; readonly key: CredentialKey } | undefined> {
  const rows = await db
    .selectFrom("credential_pseudonym")
    .innerJoin("credential", "credential.id", "credential_pseudonym.credential_id")
    .select(["credential.id", "credential.person_id", "credential.key", "credential.enrolled_at"])
    .where("credential_pseudonym.pseudonym", "=", pseudonym)
    .orderBy("credential.enrolled_at", "desc")
    .execute();
  const row = rows.find((candidate) => candidate.enrolled_at <= at) ?? rows.at(-1);
  return row && { id: row.id, personId: row.person_id, key: CredentialKey(new Uint8Array(row.key)) };
}
