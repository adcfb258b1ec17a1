import { CREDENTIAL_KINDS, RESIDENCY_ROLES } from "@menshen/domain";
import type { ResidentKeyTime, ResidentMe, ResidentPlaces } from "@menshen/wire";
import { type Database, moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

/** Bytes of a credential key that a trail names a credential by. */
const KEY_START_BYTES = 8;

export async function selectPresentPerson(
  db: Reader,
  personId: string,
): Promise<{ readonly displayName: string } | undefined> {
  const row = await db
    .selectFrom("person")
    .select("display_name")
    .where("id", "=", personId)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row && { displayName: row.display_name };
}

/** Puts an invitation in the place of the person's last one. */
export async function replaceInvitation(
  trx: Trx,
  invitation: { readonly codeHash: Uint8Array; readonly personId: string; readonly expiresAt: number },
): Promise<void> {
  const values = {
    code_hash: invitation.codeHash,
    person_id: invitation.personId,
    expires_at: moment(invitation.expiresAt),
  };
  await trx
    .insertInto("resident_invitation")
    .values(values)
    .onConflict((conflict) => conflict.column("person_id").doUpdateSet(values))
    .execute();
}

/** Gives each invitation once: the person it is for, unless it expired. */
export async function takeInvitation(
  trx: Trx,
  codeHash: Uint8Array,
  at: number,
): Promise<string | undefined> {
  const row = await trx
    .deleteFrom("resident_invitation")
    .where("code_hash", "=", codeHash)
    .where("expires_at", ">", moment(at))
    .returning("person_id")
    .executeTakeFirst();
  return row?.person_id;
}

export async function deleteInvitationOf(trx: Trx, personId: string): Promise<void> {
  await trx.deleteFrom("resident_invitation").where("person_id", "=", personId).execute();
}

export async function selectAccountState(
  db: Reader,
  personId: string,
  at: number,
): Promise<{ readonly registeredAt?: number; readonly invitedUntil?: number }> {
  const account = await db
    .selectFrom("resident_account")
    .select("registered_at")
    .where("person_id", "=", personId)
    .executeTakeFirst();
  const invitation = await db
    .selectFrom("resident_invitation")
    .select("expires_at")
    .where("person_id", "=", personId)
    .where("expires_at", ">", moment(at))
    .executeTakeFirst();
  return {
    ...optional("registeredAt", account?.registered_at),
    ...optional("invitedUntil", invitation?.expires_at),
  };
}

export interface AccountRow {
  readonly personId: string;
  readonly authKey: Uint8Array;
}

/** Locks the row until the end of the transaction: two changes of a key follow each other. */
export async function lockAccount(trx: Trx, personId: string): Promise<AccountRow | undefined> {
  const row = await trx
    .selectFrom("resident_account")
    .select(["person_id", "auth_key"])
    .where("person_id", "=", personId)
    .forUpdate()
    .executeTakeFirst();
  return row && { personId: row.person_id, authKey: new Uint8Array(row.auth_key) };
}

/** The account with this key, if its person is still here. */
export async function selectAccountByKey(db: Reader, authKey: Uint8Array): Promise<string | undefined> {
  const row = await db
    .selectFrom("resident_account")
    .innerJoin("person", "person.id", "resident_account.person_id")
    .select("resident_account.person_id")
    .where("auth_key", "=", authKey)
    .where("person.removed_at", "is", null)
    .executeTakeFirst();
  return row?.person_id;
}

export async function insertAccount(
  trx: Trx,
  account: {
    readonly personId: string;
    readonly authKey: Uint8Array;
    readonly trailKey: Uint8Array;
    readonly firstPosition: number;
    readonly registeredBy: ResidentKeyTime["registeredBy"];
    readonly at: number;
  },
): Promise<void> {
  await trx
    .insertInto("resident_account")
    .values({
      person_id: account.personId,
      auth_key: account.authKey,
      trail_key: account.trailKey,
      first_position: account.firstPosition,
      registered_at: moment(account.at),
    })
    .execute();
  await trx
    .insertInto("resident_key")
    .values({
      person_id: account.personId,
      registered_at: moment(account.at),
      registered_by: account.registeredBy,
    })
    .execute();
}

/** Ends the account with its sessions; its key stays in the history. Returns whether there was one. */
export async function deleteAccount(trx: Trx, personId: string, at: number): Promise<boolean> {
  const deleted = await trx
    .deleteFrom("resident_account")
    .where("person_id", "=", personId)
    .returning("person_id")
    .execute();
  await trx
    .updateTable("resident_key")
    .set({ ended_at: moment(at) })
    .where("person_id", "=", personId)
    .where("ended_at", "is", null)
    .execute();
  return deleted.length > 0;
}

/** Old challenges go whenever a new one comes. */
export async function insertChallenge(
  db: Database,
  challenge: {
    readonly challenge: Uint8Array;
    readonly authKey: Uint8Array;
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  await db.deleteFrom("resident_challenge").where("expires_at", "<", moment(challenge.at)).execute();
  await db
    .insertInto("resident_challenge")
    .values({
      challenge: challenge.challenge,
      auth_key: challenge.authKey,
      expires_at: moment(challenge.expiresAt),
    })
    .execute();
}

/** Gives each challenge once, and only for the key that asked for it. */
export async function takeChallenge(
  db: Reader,
  challenge: Uint8Array,
  authKey: Uint8Array,
  at: number,
): Promise<boolean> {
  const taken = await db
    .deleteFrom("resident_challenge")
    .where("challenge", "=", challenge)
    .where("auth_key", "=", authKey)
    .where("expires_at", ">", moment(at))
    .returning("auth_key")
    .execute();
  return taken.length === 1;
}

export async function insertSession(
  db: Reader,
  session: {
    readonly tokenHash: Uint8Array;
    readonly personId: string;
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  await db.deleteFrom("resident_session").where("expires_at", "<", moment(session.at)).execute();
  await db
    .insertInto("resident_session")
    .values({
      token_hash: session.tokenHash,
      person_id: session.personId,
      created_at: moment(session.at),
      expires_at: moment(session.expiresAt),
    })
    .execute();
}

export async function selectSession(
  db: Reader,
  tokenHash: Uint8Array,
  at: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("resident_session")
    .innerJoin("person", "person.id", "resident_session.person_id")
    .select("resident_session.person_id")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", moment(at))
    .where("person.removed_at", "is", null)
    .executeTakeFirst();
  return row?.person_id;
}

export async function deleteSession(db: Database, tokenHash: Uint8Array): Promise<void> {
  await db.deleteFrom("resident_session").where("token_hash", "=", tokenHash).execute();
}

/** What a person's own program is told of them. */
export async function selectMe(db: Reader, personId: string, at: number): Promise<ResidentMe | undefined> {
  const account = await db
    .selectFrom("resident_account")
    .innerJoin("person", "person.id", "resident_account.person_id")
    .select(["person.display_name", "registered_at", "first_position"])
    .where("person_id", "=", personId)
    .executeTakeFirst();
  if (account === undefined) return undefined;
  const homes = await db
    .selectFrom("residency")
    .leftJoin("dwelling", "dwelling.id", "residency.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .select(["residency.role", "dwelling.name as dwelling_name", "building.name as building_name"])
    .where("residency.person_id", "=", personId)
    .where("residency.removed_at", "is", null)
    .where((eb) => eb.or([eb("valid_until", "is", null), eb("valid_until", ">", moment(at))]))
    .orderBy("residency.id")
    .execute();
  const credentials = await db
    .selectFrom("credential")
    .select(["key", "kind", "label"])
    .where("person_id", "=", personId)
    .orderBy("enrolled_at")
    .execute();
  const keys = await db
    .selectFrom("resident_key")
    .select(["registered_at", "registered_by", "ended_at"])
    .where("person_id", "=", personId)
    .orderBy("id")
    .execute();
  return {
    personId,
    displayName: account.display_name,
    homes: homes.map((home) => ({
      role: parse(RESIDENCY_ROLES, home.role),
      ...(home.dwelling_name === null ? {} : { name: `${home.building_name} ${home.dwelling_name}` }),
    })),
    credentials: credentials.map(({ key, kind, label }) => ({
      keyStart: Buffer.from(key.subarray(0, KEY_START_BYTES)).toString("hex"),
      kind: parse(CREDENTIAL_KINDS, kind),
      label,
    })),
    registeredAt: account.registered_at,
    firstPosition: account.first_position,
    keys: keys.map((key) => ({
      registeredAt: key.registered_at,
      registeredBy: parse(["invitation", "own-key"] as const, key.registered_by),
      ...optional("endedAt", key.ended_at),
    })),
  };
}

/** Those that are gone too: a trail may still name them. */
export async function selectPlaces(db: Reader): Promise<ResidentPlaces> {
  const rows = await db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .select(["access_point.id", "access_point.name", "portal.name as portal_name"])
    .orderBy("access_point.id")
    .execute();
  return { accessPoints: rows.map(({ id, name, portal_name }) => ({ id, name, portalName: portal_name })) };
}

export async function insertRefusedRead(
  db: Database,
  read: { readonly at: number; readonly personId: string; readonly askedPersonId: string },
): Promise<void> {
  await db
    .insertInto("resident_refused_read")
    .values({
      at: moment(read.at),
      person_id: read.personId,
      asked_person_id: read.askedPersonId,
      what: "looks",
    })
    .execute();
}

/** Attempts of others to read what is this person's, newest first. */
export async function selectRefusedReads(
  db: Reader,
  askedPersonId: string,
  limit: number,
): Promise<readonly { readonly at: number; readonly what: string }[]> {
  return db
    .selectFrom("resident_refused_read")
    .select(["at", "what"])
    .where("asked_person_id", "=", askedPersonId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

function parse<const Words extends readonly string[]>(words: Words, text: string): Words[number] {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new CommunityError("internal", "a stored word is unknown");
  return word;
}
