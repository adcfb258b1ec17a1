import type { ResidentPasskey } from "@menshen/wire";
import { type Database, moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

/** A passkey as it is stored. */
export interface PasskeyRow {
  readonly id: string;
  readonly personId: string;
  readonly name: string;
  readonly webauthnId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signCount: number;
  /** 60 bytes. */
  readonly sealedSeed: Uint8Array;
  readonly createdAt: number;
}

/** Old challenges go whenever a new one comes. */
export async function insertChallenge(
  db: Database,
  challenge: {
    readonly id: string;
    readonly personId: string | null;
    readonly challenge: string;
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  await db.deleteFrom("resident_passkey_challenge").where("expires_at", "<", moment(challenge.at)).execute();
  await db
    .insertInto("resident_passkey_challenge")
    .values({
      id: challenge.id,
      person_id: challenge.personId,
      challenge: challenge.challenge,
      expires_at: moment(challenge.expiresAt),
    })
    .execute();
}

/** Gives each challenge once, and only for whom it was made. */
export async function takeChallenge(
  db: Reader,
  id: string,
  personId: string | null,
  at: number,
): Promise<string | undefined> {
  const row = await db
    .deleteFrom("resident_passkey_challenge")
    .where("id", "=", id)
    .where("person_id", personId === null ? "is" : "=", personId)
    .where("expires_at", ">", moment(at))
    .returning("challenge")
    .executeTakeFirst();
  return row?.challenge;
}

export async function insertPasskey(trx: Trx, passkey: PasskeyRow): Promise<void> {
  await trx
    .insertInto("resident_passkey")
    .values({
      id: passkey.id,
      person_id: passkey.personId,
      name: passkey.name,
      webauthn_id: passkey.webauthnId,
      public_key: passkey.publicKey,
      sign_count: passkey.signCount,
      sealed_seed: passkey.sealedSeed,
      created_at: moment(passkey.createdAt),
    })
    .execute();
}

/** Of a person who is still here. */
export async function selectPasskeyByWebauthnId(
  db: Reader,
  webauthnId: Uint8Array,
): Promise<PasskeyRow | undefined> {
  const row = await db
    .selectFrom("resident_passkey")
    .innerJoin("person", "person.id", "resident_passkey.person_id")
    .selectAll("resident_passkey")
    .where("webauthn_id", "=", webauthnId)
    .where("person.removed_at", "is", null)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      personId: row.person_id,
      name: row.name,
      webauthnId: row.webauthn_id,
      publicKey: row.public_key,
      signCount: row.sign_count,
      sealedSeed: row.sealed_seed,
      createdAt: row.created_at,
    }
  );
}

/** With their WebAuthn ids, for the browser that must not make a second one. */
export async function selectPasskeysOf(
  db: Reader,
  personId: string,
): Promise<readonly (ResidentPasskey & { readonly webauthnId: Uint8Array })[]> {
  const rows = await db
    .selectFrom("resident_passkey")
    .select(["id", "name", "webauthn_id", "created_at", "last_used_at"])
    .where("person_id", "=", personId)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    webauthnId: row.webauthn_id,
    createdAt: row.created_at,
    ...optional("lastUsedAt", row.last_used_at),
  }));
}

export async function updatePasskeyUse(trx: Trx, id: string, signCount: number, at: number): Promise<void> {
  await trx
    .updateTable("resident_passkey")
    .set({ sign_count: signCount, last_used_at: moment(at) })
    .where("id", "=", id)
    .execute();
}

/** Returns whether it was this person's. */
export async function deletePasskey(trx: Trx, personId: string, id: string): Promise<boolean> {
  const gone = await trx
    .deleteFrom("resident_passkey")
    .where("id", "=", id)
    .where("person_id", "=", personId)
    .returning("id")
    .execute();
  return gone.length === 1;
}
