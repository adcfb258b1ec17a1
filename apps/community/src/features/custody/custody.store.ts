import { toHex } from "@menshen/crypto/node";
import { type CustodianSet, type Endorsement, parseCustodianSet } from "@menshen/custody";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A set as stored. */
export interface StoredSet {
  readonly set: CustodianSet;
  readonly encoded: Uint8Array;
  readonly inForceSince: number | undefined;
  /** By members of the set before. */
  readonly endorsements: readonly Endorsement[];
  /** By member, when its program last asked for something. */
  readonly lastSeenAt: ReadonlyMap<number, number>;
}

/** All that changes custody waits for its turn: sets, ceremonies and settings hang together. */
export async function lockCustody(trx: Trx): Promise<void> {
  await sql`select 1 from custody_setting for update`.execute(trx);
}

export async function selectSettings(db: Reader): Promise<{ retentionDays: number; revision: number }> {
  const row = await db
    .selectFrom("custody_setting")
    .select(["retention_days", "revision"])
    .executeTakeFirstOrThrow();
  return { retentionDays: row.retention_days, revision: row.revision };
}

export async function updateRetention(trx: Trx, retentionDays: number): Promise<void> {
  await trx
    .updateTable("custody_setting")
    .set((eb) => ({ retention_days: retentionDays, revision: eb("revision", "+", 1) }))
    .execute();
}

/** Every set that was in force or waits, the oldest first. */
export async function selectSets(db: Reader): Promise<readonly StoredSet[]> {
  const sets = await db.selectFrom("custodian_set").selectAll().orderBy("version").execute();
  const endorsements = await db
    .selectFrom("custodian_endorsement")
    .selectAll()
    .orderBy("version")
    .orderBy("custodian")
    .execute();
  const seen = await selectSeen(db);
  return sets.map((row) => {
    const set = parseCustodianSet(row.encoded);
    return {
      set,
      encoded: row.encoded,
      inForceSince: row.in_force_since ?? undefined,
      endorsements: endorsements
        .filter(({ version }) => version === row.version)
        .map(({ custodian: index, signature }) => ({ index, signature })),
      lastSeenAt: new Map(
        set.members.flatMap(({ identityKey }, position) => {
          const at = seen.get(toHex(identityKey));
          return at === undefined ? [] : [[position + 1, at] as const];
        }),
      ),
    };
  });
}

/** When each program last asked for something, by its key: whoever stays in office was not unseen before. */
async function selectSeen(db: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("custodian")
    .select(["identity_key", "last_seen_at"])
    .where("last_seen_at", "is not", null)
    .orderBy("last_seen_at")
    .execute();
  return new Map(
    rows.flatMap(({ identity_key: key, last_seen_at: at }) =>
      at === null ? [] : [[toHex(key), at] as const],
    ),
  );
}

/** Puts a set in the place of one that still waits, or beside none. */
export async function insertSet(
  trx: Trx,
  set: { readonly version: number; readonly encoded: Uint8Array; readonly at: number },
): Promise<void> {
  await trx.deleteFrom("custodian_set").where("in_force_since", "is", null).execute();
  await trx
    .insertInto("custodian_set")
    .values({ version: set.version, encoded: set.encoded, proposed_at: moment(set.at) })
    .execute();
}

export async function insertEndorsement(
  trx: Trx,
  version: number,
  { index, signature }: Endorsement,
): Promise<void> {
  await trx
    .insertInto("custodian_endorsement")
    .values({ version, custodian: index, signature })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function putInForce(trx: Trx, set: CustodianSet, at: number): Promise<void> {
  await trx
    .updateTable("custodian_set")
    .set({ in_force_since: moment(at) })
    .where("version", "=", set.version)
    .execute();
  await trx
    .insertInto("custodian")
    .values(
      set.members.map(({ body, identityKey }, position) => ({
        version: set.version,
        custodian: position + 1,
        body,
        identity_key: identityKey,
      })),
    )
    .execute();
}

/** Places of a key in sets that are or were in force, the latest first. */
export async function selectSeatsOf(db: Reader, identityKey: Uint8Array) {
  return db
    .selectFrom("custodian")
    .select(["version", "custodian as index", "body"])
    .where("identity_key", "=", identityKey)
    .orderBy("version", "desc")
    .execute();
}

/** Version of the set in force; `undefined` before the first. */
export async function selectPresentVersion(db: Reader): Promise<number | undefined> {
  const row = await db
    .selectFrom("custodian_set")
    .select("version")
    .where("in_force_since", "is not", null)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.version;
}

/** Takes a nonce; `false` if this key used it before. Forgets those that are over. */
export async function takeNonce(
  db: Reader,
  nonce: { readonly identityKey: Uint8Array; readonly nonce: Uint8Array; readonly expiresAt: number },
  now: number,
): Promise<boolean> {
  await db.deleteFrom("custodian_nonce").where("expires_at", "<", moment(now)).execute();
  const { numInsertedOrUpdatedRows: taken } = await db
    .insertInto("custodian_nonce")
    .values({
      identity_key: nonce.identityKey,
      nonce: nonce.nonce,
      expires_at: moment(nonce.expiresAt),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return taken === 1n;
}

/** Notes that a program was heard of; rows are written at most once in `everyMs`. */
export async function touchSeen(
  db: Reader,
  identityKey: Uint8Array,
  now: number,
  everyMs: number,
): Promise<void> {
  await db
    .updateTable("custodian")
    .set({ last_seen_at: moment(now) })
    .where("identity_key", "=", identityKey)
    .where((eb) => eb.or([eb("last_seen_at", "is", null), eb("last_seen_at", "<", moment(now - everyMs))]))
    .execute();
}

export async function insertPolicyEndorsement(
  trx: Trx,
  version: number,
  setVersion: number,
  { index, signature }: Endorsement,
): Promise<void> {
  await trx
    .insertInto("witness_policy_endorsement")
    .values({ version, set_version: setVersion, custodian: index, signature })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Enough custodians of a set endorsed the policy: from now on gates are told of it, with their word. */
export async function putPolicyInForce(
  trx: Trx,
  version: number,
  setVersion: number,
  at: number,
): Promise<void> {
  await trx
    .updateTable("witness_policy")
    .set((eb) => ({
      endorsed_by: setVersion,
      in_force_since: eb.fn.coalesce("in_force_since", moment(at)),
    }))
    .where("version", "=", version)
    .execute();
}

export interface StoredReceipt {
  readonly ceremony: string;
  readonly epoch: number;
  readonly index: number;
  readonly destroyedAt: number;
  readonly leafId: string;
}

export async function selectReceipts(db: Reader): Promise<readonly StoredReceipt[]> {
  return db
    .selectFrom("custody_receipt")
    .select(["ceremony", "epoch", "custodian as index", "destroyed_at as destroyedAt", "leaf_id as leafId"])
    .execute();
}

/** `false` if there is one already: the first one counts. */
export async function hasReceipt(
  db: Reader,
  { ceremony, epoch, index }: Pick<StoredReceipt, "ceremony" | "epoch" | "index">,
): Promise<boolean> {
  const row = await db
    .selectFrom("custody_receipt")
    .select("epoch")
    .where("ceremony", "=", ceremony)
    .where("epoch", "=", epoch)
    .where("custodian", "=", index)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertReceipt(
  trx: Trx,
  receipt: StoredReceipt & { readonly signature: Uint8Array; readonly receivedAt: number },
): Promise<void> {
  await trx
    .insertInto("custody_receipt")
    .values({
      ceremony: receipt.ceremony,
      epoch: receipt.epoch,
      custodian: receipt.index,
      destroyed_at: moment(receipt.destroyedAt),
      signature: receipt.signature,
      leaf_id: receipt.leafId,
      received_at: moment(receipt.receivedAt),
    })
    .execute();
}
