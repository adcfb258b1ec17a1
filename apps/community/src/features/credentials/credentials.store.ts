import {
  CREDENTIAL_KINDS,
  type CredentialKey,
  type CredentialKind,
  GRADES,
  type Grade,
} from "@menshen/domain";
import {
  CREDENTIAL_STATES,
  type Credential,
  type CredentialReceipt,
  type CredentialState,
  type credentialEndpoints,
  type QueryOf,
} from "@menshen/wire";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

type CredentialQuery = QueryOf<typeof credentialEndpoints.list>;

const DEFAULT_LIMIT = 100;

/** Nobody hands these to anybody: their holders make them themselves, or have them on their vehicle. */
export const NOT_HANDED_OVER: readonly CredentialKind[] = ["phone-pass", "pass", "face", "plate"];

/** A new credential as it is stored. */
export interface NewCredential {
  readonly id: string;
  readonly key: CredentialKey;
  readonly kind: CredentialKind;
  readonly grade: Grade;
  readonly label: string;
  readonly sealedIdentifier: Uint8Array;
  readonly doorGroups: readonly number[];
  readonly personId: string;
  readonly dwellingId: string | undefined;
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly temporary: boolean;
  readonly state: "active" | "ordered";
  readonly at: number;
  readonly replacesId: string | undefined;
  readonly modelVersion: number;
  /** What its keys are made from; for kinds without keys it says nothing. */
  readonly keyVersion: number;
  readonly hidesUid: boolean;
  readonly countsTaps: boolean;
}

function credentialQuery(db: Reader) {
  return db
    .selectFrom("credential")
    .innerJoin("person", "person.id", "credential.person_id")
    .leftJoin("dwelling", "dwelling.id", "credential.dwelling_id")
    .leftJoin("credential as successor", "successor.replaces_id", "credential.id")
    .leftJoin("credential_receipt as receipt", "receipt.credential_id", "credential.id")
    .leftJoin("receipt_denial as denial", "denial.credential_id", "credential.id")
    .select([
      "credential.id",
      "credential.revision",
      "credential.kind",
      "credential.grade",
      "credential.label",
      "credential.state",
      "credential.door_groups",
      "credential.person_id",
      "credential.dwelling_id",
      "credential.valid_from",
      "credential.valid_until",
      "credential.enrolled_at",
      "credential.state_changed_at",
      "credential.replaces_id",
      "person.display_name as person_name",
      "dwelling.name as dwelling_name",
      "successor.id as replaced_by_id",
      "credential.temporary",
      "credential.hides_uid",
      "credential.counts_taps",
      "receipt.at as receipt_at",
      "receipt.paper_number",
      "receipt.paper_date",
      "denial.at as denied_at",
    ]);
}

type CredentialRow = Awaited<ReturnType<ReturnType<typeof credentialQuery>["executeTakeFirstOrThrow"]>>;

function credentialView(row: CredentialRow): Credential {
  return {
    id: row.id,
    revision: row.revision,
    kind: parseKind(row.kind),
    grade: parseStoredGrade(row.grade),
    label: row.label,
    state: parseState(row.state),
    personId: row.person_id,
    personName: row.person_name,
    enrolledAt: row.enrolled_at,
    stateChangedAt: row.state_changed_at,
    doorGroups: row.door_groups,
    ...optional("dwellingId", row.dwelling_id),
    ...optional("dwellingName", row.dwelling_name),
    ...optional("from", row.valid_from),
    ...optional("until", row.valid_until),
    ...optional("replacedById", row.replaced_by_id),
    ...optional("replacesId", row.replaces_id),
    ...(row.temporary ? { temporary: true } : {}),
    ...(row.hides_uid ? { hidesUid: true } : {}),
    ...(row.counts_taps ? { countsTaps: true } : {}),
    ...optional("receipt", receiptOf(row)),
    ...(row.receipt_at === null ? optional("deniedAt", row.denied_at) : {}),
  };
}

function receiptOf(row: CredentialRow): CredentialReceipt | undefined {
  if (row.receipt_at === null) return undefined;
  return {
    at: row.receipt_at,
    way: row.paper_number === null ? "own-key" : "paper",
    ...optional("number", row.paper_number),
    ...optional("date", row.paper_date),
  };
}

export function parseKind(text: string): CredentialKind {
  const kind = CREDENTIAL_KINDS.find((candidate) => candidate === text);
  if (kind === undefined) throw new CommunityError("internal", "stored credential kind is unknown");
  return kind;
}

export function parseStoredGrade(text: string): Grade {
  const grade = GRADES.find((candidate) => candidate === text);
  if (grade === undefined) throw new CommunityError("internal", "stored grade is unknown");
  return grade;
}

export function parseState(text: string): CredentialState {
  const state = CREDENTIAL_STATES.find((candidate) => candidate === text);
  if (state === undefined) throw new CommunityError("internal", "stored credential state is unknown");
  return state;
}

export async function selectCredential(db: Reader, id: string): Promise<Credential | undefined> {
  const row = await credentialQuery(db).where("credential.id", "=", id).executeTakeFirst();
  return row && credentialView(row);
}

/** Locks the row, so that two commands on one credential follow each other. */
export async function lockCredential(trx: Trx, id: string): Promise<void> {
  await trx.selectFrom("credential").select("id").where("id", "=", id).forUpdate().execute();
}

/** The record that a key belongs to now. */
export async function selectCredentialByKey(db: Reader, key: CredentialKey): Promise<Credential | undefined> {
  const row = await credentialQuery(db)
    .where("credential.key", "=", key)
    .where("credential.state", "<>", "replaced")
    .executeTakeFirst();
  return row && credentialView(row);
}

/** Newest first. */
export async function selectCredentials(db: Reader, query: CredentialQuery) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = credentialQuery(db)
    .orderBy("credential.enrolled_at", "desc")
    .orderBy("credential.id", "desc")
    .limit(limit + 1);
  if (query.personId !== undefined) select = select.where("credential.person_id", "=", query.personId);
  if (query.dwellingId !== undefined) select = select.where("credential.dwelling_id", "=", query.dwellingId);
  if (query.state !== undefined) select = select.where("credential.state", "=", query.state);
  if (query.kind !== undefined) select = select.where("credential.kind", "=", query.kind);
  if (query.label) select = select.where("credential.label", "=", query.label.toUpperCase());
  if (query.receipt !== undefined) {
    select = select
      .where("credential.state", "=", "active")
      .where("credential.kind", "not in", NOT_HANDED_OVER)
      .where("receipt.credential_id", "is", null);
    if (query.receipt === "denied") select = select.where("denial.credential_id", "is not", null);
  }
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("credential.enrolled_at", "credential.id"), "<", eb.tuple(moment(at), eb.val(id))),
    );
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.enrolled_at, row.id]);
  return { items: page.rows.map(credentialView), ...optional("nextCursor", page.nextCursor) };
}

export async function insertCredential(trx: Trx, credential: NewCredential): Promise<void> {
  await trx
    .insertInto("credential")
    .values({
      id: credential.id,
      key: credential.key,
      kind: credential.kind,
      grade: credential.grade,
      label: credential.label,
      sealed_identifier: credential.sealedIdentifier,
      door_groups: [...credential.doorGroups],
      person_id: credential.personId,
      dwelling_id: credential.dwellingId ?? null,
      state: credential.state,
      temporary: credential.temporary,
      valid_from: optionalMoment(credential.from),
      valid_until: optionalMoment(credential.until),
      enrolled_at: moment(credential.at),
      state_changed_at: moment(credential.at),
      replaces_id: credential.replacesId ?? null,
      model_version: credential.modelVersion,
      key_version: credential.keyVersion,
      hides_uid: credential.hidesUid,
      counts_taps: credential.countsTaps,
    })
    .execute();
}

/** Latest end of a credential that is a mere number. */
export async function selectLegacyUntil(db: Reader): Promise<number> {
  const { legacy_until } = await db.selectFrom("community").select("legacy_until").executeTakeFirstOrThrow();
  return legacy_until;
}

/** The card that an order got. */
export async function updateCard(
  trx: Trx,
  id: string,
  card: Pick<
    NewCredential,
    "key" | "label" | "doorGroups" | "keyVersion" | "hidesUid" | "countsTaps" | "sealedIdentifier"
  >,
): Promise<void> {
  await trx
    .updateTable("credential")
    .set({
      key: card.key,
      label: card.label,
      door_groups: [...card.doorGroups],
      key_version: card.keyVersion,
      hides_uid: card.hidesUid,
      counts_taps: card.countsTaps,
      next_key_version: null,
      sealed_identifier: card.sealedIdentifier,
    })
    .where("id", "=", id)
    .execute();
}

/** @param sealedKey under {@link duressContext} of the enrolment */
export async function insertDuressPin(trx: Trx, credentialId: string, sealedKey: Uint8Array): Promise<void> {
  await trx.insertInto("duress_pin").values({ credential_id: credentialId, sealed_key: sealedKey }).execute();
}

/** Of PINs that may still open something. */
export async function selectDuressPins(db: Reader) {
  return db
    .selectFrom("duress_pin")
    .innerJoin("credential", "credential.id", "duress_pin.credential_id")
    .select(["duress_pin.credential_id", "duress_pin.sealed_key"])
    .where("credential.state", "<>", "replaced")
    .execute();
}

/** What the holder signed: a paper at the desk, or with their own key. */
export async function insertReceipt(
  trx: Trx,
  credentialId: string,
  receipt: {
    readonly at: number;
    readonly leafId: string;
    readonly paper?: { readonly number: string; readonly date: string };
    readonly signature?: Uint8Array;
  },
): Promise<void> {
  await trx
    .insertInto("credential_receipt")
    .values({
      credential_id: credentialId,
      at: moment(receipt.at),
      leaf_id: receipt.leafId,
      paper_number: receipt.paper?.number ?? null,
      paper_date: receipt.paper?.date ?? null,
      signature: receipt.signature ?? null,
    })
    .execute();
}

/** Its holder says that it never came. Once said, said. */
export async function insertDenial(
  trx: Trx,
  credentialId: string,
  denial: { readonly at: number; readonly leafId: string; readonly signature: Uint8Array },
): Promise<void> {
  const { at, leafId, signature } = denial;
  await trx
    .insertInto("receipt_denial")
    .values({ credential_id: credentialId, at: moment(at), leaf_id: leafId, signature })
    .execute();
}

/** The newest version of card keys: what new cards are written with. */
export async function selectKeyVersion(db: Reader): Promise<number> {
  const { version } = await db
    .selectFrom("card_key_version")
    .select("version")
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return version;
}

/** What is lost is astray until the desk has it again, also when another took its place. */
export async function updateState(
  trx: Trx,
  id: string,
  state: CredentialState,
  at: number,
  modelVersion: number,
): Promise<void> {
  await trx
    .updateTable("credential")
    .set((eb) => ({
      state,
      state_changed_at: moment(at),
      model_version: modelVersion,
      revision: eb("revision", "+", 1),
      ...(state === "replaced" || state === "blocked" ? {} : { astray: state === "lost" }),
    }))
    .where("id", "=", id)
    .execute();
}

/** Their holder left with them: a person's blocked credentials, of one dwelling or all. */
export async function updateLeft(
  trx: Trx,
  personId: string,
  dwellingId: string | undefined,
  modelVersion: number,
): Promise<void> {
  let update = trx
    .updateTable("credential")
    .set({ astray: true, model_version: modelVersion })
    .where("person_id", "=", personId)
    .where("state", "=", "blocked");
  if (dwellingId !== undefined) update = update.where("dwelling_id", "=", dwellingId);
  await update.execute();
}

export async function updateValidity(
  trx: Trx,
  id: string,
  validity: { readonly from: number | undefined; readonly until: number | undefined },
  modelVersion: number,
): Promise<void> {
  await trx
    .updateTable("credential")
    .set((eb) => ({
      valid_from: optionalMoment(validity.from),
      valid_until: optionalMoment(validity.until),
      model_version: modelVersion,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

/** Lets readers of the model read a person's credentials again. */
export async function restateModelOf(trx: Trx, personId: string, modelVersion: number): Promise<void> {
  await trx
    .updateTable("credential")
    .set({ model_version: modelVersion })
    .where("person_id", "=", personId)
    .execute();
}

/** Active credentials of a person: of one dwelling, or all. */
export async function selectActiveIds(
  trx: Trx,
  personId: string,
  dwellingId: string | undefined,
): Promise<readonly string[]> {
  let select = trx
    .selectFrom("credential")
    .select("id")
    .where("person_id", "=", personId)
    .where("state", "=", "active")
    .orderBy("id")
    .forUpdate();
  if (dwellingId !== undefined) select = select.where("dwelling_id", "=", dwellingId);
  return (await select.execute()).map((row) => row.id);
}

/** Whether a person lives or works here now or later. */
export async function hasResidency(trx: Trx, personId: string, at: number): Promise<boolean> {
  const row = await trx
    .selectFrom("residency")
    .select("id")
    .where("person_id", "=", personId)
    .where("removed_at", "is", null)
    .where((eb) => eb.or([eb("valid_until", "is", null), eb("valid_until", ">", moment(at))]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a person is there and not removed. */
export async function personExists(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("person")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

export async function dwellingExists(db: Reader, id: string): Promise<boolean> {
  const row = await db
    .selectFrom("dwelling")
    .select("id")
    .where("id", "=", id)
    .where("removed_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Door groups of the gates that are there. */
export async function selectDoorGroups(db: Reader): Promise<readonly number[]> {
  const rows = await db
    .selectFrom("gate")
    .select("door_group")
    .distinct()
    .where("removed_at", "is", null)
    .orderBy("door_group")
    .execute();
  return rows.map((row) => row.door_group);
}

/** What was recorded about a credential, newest first. */
export async function selectHistory(db: Reader, id: string) {
  return db
    .selectFrom("change")
    .leftJoin("staff", "staff.id", "change.staff_id")
    .select(["change.at", "change.action", "change.reason_code", "change.reason_text", "staff.display_name"])
    .where("change.entity", "=", "credential")
    .where("change.entity_id", "=", id)
    .orderBy("change.id", "desc")
    .limit(500)
    .execute();
}
