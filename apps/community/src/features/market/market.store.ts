import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

const LISTED = 500;

export type ListingRow = NonNullable<Awaited<ReturnType<typeof selectListing>>>;
export type NumberRow = Awaited<ReturnType<typeof selectNumbers>>[number];

const listings = (db: Reader) =>
  db
    .selectFrom("market_listing")
    .innerJoin("staff", "staff.id", "market_listing.noted_by")
    .select(["market_listing.id", "kind", "seen_on", "noted_at", "sealed_words", "issuer", "key_version"])
    .select(["photo_version", "market_listing.removed_at", "market_listing.revision"])
    .select("staff.display_name as noted_by_name");

export async function selectListing(db: Reader, id: string) {
  return listings(db).where("market_listing.id", "=", id).executeTakeFirst();
}

/** The newest first, with how many numbers each has and how many of them are credentials here. */
export async function selectListings(db: Reader, removed: boolean) {
  return listings(db)
    .select((eb) => [
      eb
        .selectFrom("market_number")
        .select(eb.fn.countAll<number>().as("n"))
        .whereRef("listing_id", "=", "market_listing.id")
        .as("numbers"),
      eb
        .selectFrom("market_number")
        .select(eb.fn.countAll<number>().as("n"))
        .whereRef("listing_id", "=", "market_listing.id")
        .where(sql<boolean>`exists (select 1 from credential where credential.key = any(market_number.keys))`)
        .as("credentials"),
    ])
    .where("market_listing.removed_at", removed ? "is not" : "is", null)
    .orderBy("noted_at", "desc")
    .orderBy("market_listing.id")
    .limit(LISTED)
    .execute();
}

export async function insertListing(
  trx: Trx,
  listing: {
    readonly id: string;
    readonly kind: string;
    readonly seenOn: string;
    readonly at: number;
    readonly staffId: string;
    readonly sealedWords: Uint8Array;
    readonly issuer?: string | undefined;
    readonly keyVersion?: number | undefined;
  },
): Promise<void> {
  await trx
    .insertInto("market_listing")
    .values({
      id: listing.id,
      kind: listing.kind,
      seen_on: listing.seenOn,
      noted_at: moment(listing.at),
      noted_by: listing.staffId,
      sealed_words: listing.sealedWords,
      issuer: listing.issuer ?? null,
      key_version: listing.keyVersion ?? null,
      sealed_photo: null,
      photo_type: null,
      photo_version: null,
    })
    .execute();
}

export async function insertNumber(
  trx: Trx,
  number: {
    readonly id: string;
    readonly listingId: string;
    readonly place: number;
    readonly chip: string;
    readonly sealedNumber: Uint8Array;
    readonly batchPrefix: string;
    readonly keys: readonly Uint8Array[];
  },
): Promise<void> {
  await trx
    .insertInto("market_number")
    .values({
      id: number.id,
      listing_id: number.listingId,
      place: number.place,
      chip: number.chip,
      sealed_number: number.sealedNumber,
      batch_prefix: number.batchPrefix,
      keys: number.keys.map((key) => Buffer.from(key)),
    })
    .execute();
}

export async function selectNumbers(db: Reader, listingId: string) {
  return db
    .selectFrom("market_number")
    .select(["id", "chip", "sealed_number", "batch_prefix", "keys"])
    .where("listing_id", "=", listingId)
    .orderBy("place")
    .execute();
}

/** Credentials that these keys lead to, those in force first. */
export async function selectCredentials(db: Reader, keys: readonly Uint8Array[]) {
  if (keys.length === 0) return [];
  return db
    .selectFrom("credential")
    .select(["id", "key", "kind", "label", "state"])
    .where(
      "key",
      "in",
      keys.map((key) => Buffer.from(key)),
    )
    .orderBy((eb) => eb("state", "=", "replaced"))
    .orderBy("enrolled_at", "desc")
    .execute();
}

export async function updatePhoto(
  trx: Trx,
  id: string,
  photo: { readonly sealed: Uint8Array; readonly type: string; readonly version: string },
): Promise<void> {
  await trx
    .updateTable("market_listing")
    .set((eb) => ({
      sealed_photo: photo.sealed,
      photo_type: photo.type,
      photo_version: photo.version,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

export async function selectPhoto(db: Reader, id: string) {
  return db
    .selectFrom("market_listing")
    .select(["sealed_photo", "photo_type"])
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Those that were taken away before `removedBefore`, and those that are older than anybody needs. */
export async function deleteOutdated(trx: Trx, removedBefore: number, notedBefore: number): Promise<void> {
  await trx
    .deleteFrom("market_listing")
    .where((eb) =>
      eb.or([eb("removed_at", "<", moment(removedBefore)), eb("noted_at", "<", moment(notedBefore))]),
    )
    .execute();
}
