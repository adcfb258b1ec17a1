import { makePasskeyStore } from "@menshen/service-kit/passkeys";
import type { Reader } from "../../database/database.ts";

/** Passkeys of residents, each with the secret of their program as only that passkey opens it: 60 bytes. */
export const residentPasskeys = makePasskeyStore<{ readonly sealed_seed: Uint8Array }>({
  passkeys: "resident_passkey",
  challenges: "resident_passkey_challenge",
  owner: "person_id",
  extra: ["sealed_seed"],
});

/** Whether a person is still here. */
export async function isHere(db: Reader, personId: string): Promise<boolean> {
  const row = await db
    .selectFrom("person")
    .select("id")
    .where("id", "=", personId)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}
