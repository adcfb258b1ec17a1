import { createHash, randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { batchPrefixOf, weekOf } from "@menshen/service-kit/city-link";
import {
  CITY_CHIPS,
  type CityChip,
  LISTING_KINDS,
  type ListedNumber,
  type ListingDetail,
  type ListingInput,
  type ListingItem,
  MARKET_PHOTO_TYPES,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, lockRecord, optional, setRemoved } from "../../database/records.ts";
import { CommunityError, refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  atCity,
  type Exchange,
  insertReport,
  isConnectedTo,
  listedNumberContext,
  markListingAgain,
  selectCasesOfBatches,
  selectListedReports,
} from "../city-link/index.ts";
import type { makeCleaner } from "../floor-plans/index.ts";
import {
  deleteOutdated,
  insertListing,
  insertNumber,
  type ListingRow,
  type NumberRow,
  selectCredentials,
  selectListing,
  selectListings,
  selectNumbers,
  selectPhoto,
  updatePhoto,
} from "./market.store.ts";

const DAY_MS = 86_400_000;
/** For which a listing that was taken away can be put back. */
const KEPT_REMOVED_MS = 30 * DAY_MS;
/** Who sells cards may be named in a listing: it is not kept for ever. */
const KEPT_MS = 730 * DAY_MS;
const WORDS_SHOWN = 120;

/** Lengths of numbers, in bytes, that a card of each kind may have. */
const LENGTHS: Readonly<Record<CityChip, readonly number[]>> = {
  uid: [4, 7, 10],
  desfire: [7],
  ntag424: [7],
  wiegand: [7],
  "osdp-raw": [4, 5, 6, 7, 8, 9, 10],
  pkoc: [],
};

interface Words {
  readonly url?: string;
  readonly text?: string;
}

export type MarketService = ReturnType<typeof makeMarketService>;

/** Cards that were offered for sale or seized, and what they fit here. */
export function makeMarketService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly clean: ReturnType<typeof makeCleaner>;
  readonly exchange: Pick<Exchange, "nudge">;
}) {
  const { db, clock, change, storageKey, clean, exchange } = dependencies;

  function wordsOf({ id, sealed_words }: Pick<ListingRow, "id" | "sealed_words">): Words {
    const value: unknown = JSON.parse(
      new TextDecoder().decode(storageKey.open(sealed_words, `market-words:${id}`)),
    );
    const field = (name: string): unknown =>
      typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    const [url, text] = [field("url"), field("text")];
    return {
      ...(typeof url === "string" ? { url } : {}),
      ...(typeof text === "string" ? { text } : {}),
    };
  }

  async function numbersOf(reader: Reader, rows: readonly NumberRow[]): Promise<ListedNumber[]> {
    const [credentials, reports, isConnected] = [
      await selectCredentials(
        reader,
        rows.flatMap(({ keys }) => keys),
      ),
      await selectListedReports(
        reader,
        rows.map(({ id }) => id),
      ),
      await isConnectedTo(reader),
    ];
    return rows.map((row) => {
      const keys = new Set(row.keys.map(toHex));
      const match = credentials.find(({ key }) => keys.has(toHex(key)));
      const report = reports.find(({ listed_number_id }) => listed_number_id === row.id);
      return {
        id: row.id,
        number: toHex(storageKey.open(row.sealed_number, listedNumberContext(row.id))),
        chip: parse(CITY_CHIPS, row.chip),
        batchPrefix: row.batch_prefix,
        ...(match === undefined
          ? {}
          : { credential: { id: match.id, kind: match.kind, label: match.label, state: match.state } }),
        ...atCity(report, isConnected),
      };
    });
  }

  async function detail(reader: Reader, id: string): Promise<ListingDetail> {
    const row = found(await selectListing(reader, id), "listing");
    const numbers = await numbersOf(reader, await selectNumbers(reader, id));
    const prefixes = [...new Set(numbers.flatMap(({ batchPrefix }) => batchPrefix ?? []))];
    const cases = await selectCasesOfBatches(reader, prefixes);
    return {
      ...basics(row),
      ...wordsOf(row),
      ...optional("issuer", row.issuer),
      ...optional("keyVersion", row.key_version),
      ...optional("photo", row.photo_version),
      numbers,
      cases: cases.map((one) => ({
        id: one.id,
        openedAt: one.opened_at,
        chip: parse(CITY_CHIPS, one.chip),
        batchPrefix: one.batch_prefix ?? "",
      })),
    };
  }

  /** What a listing's numbers tell the city; those that were told before keep their report. */
  async function tellNumbers({ trx, at }: ChangeScope, listing: ListingRow): Promise<void> {
    const rows = await selectNumbers(trx, listing.id);
    const reports = await selectListedReports(
      trx,
      rows.map(({ id }) => id),
    );
    const told = new Set(reports.map(({ listed_number_id }) => listed_number_id));
    for (const row of rows.filter(({ id }) => !told.has(id))) {
      await insertReport(trx, {
        id: randomUUID(),
        listedNumberId: row.id,
        week: weekOf(at),
        chip: row.chip,
        batchPrefix: row.batch_prefix,
        issuer: listing.issuer ?? undefined,
        keyVersion: listing.key_version ?? undefined,
      });
    }
  }

  return {
    async list(actor: Actor, removed: boolean): Promise<ListingItem[]> {
      authorise(actor, "cases.read");
      return (await selectListings(db, removed)).map((row) => {
        const { text, url } = wordsOf(row);
        const words = (text ?? url)?.slice(0, WORDS_SHOWN);
        return {
          ...basics(row),
          ...optional("words", words),
          numbers: row.numbers ?? 0,
          credentials: row.credentials ?? 0,
          hasPhoto: row.photo_version !== null,
        };
      });
    },

    async read(actor: Actor, id: string): Promise<ListingDetail> {
      authorise(actor, "cases.read");
      return detail(db, id);
    },

    /** Throws `invalid-request` for a listing without anything in it, and for a number that no such card has. */
    async create(author: StaffAuthor, input: ListingInput): Promise<ListingDetail> {
      authorise(author.actor, "cases.handle");
      demandSense(input);
      const numbers = input.numbers.map(({ number, chip }, place) => readNumber(number, chip, place));
      const created = await change(author, async (scope) => {
        const { trx, at, record } = scope;
        const id = randomUUID();
        const words: Words = { ...optional("url", input.url), ...optional("text", input.text?.trim()) };
        await insertListing(trx, {
          id,
          kind: input.kind,
          seenOn: input.seenOn,
          at,
          staffId: author.actor.staffId,
          sealedWords: storageKey.seal(new TextEncoder().encode(JSON.stringify(words)), `market-words:${id}`),
          issuer: input.issuer,
          keyVersion: input.keyVersion,
        });
        for (const [place, { bytes, chip, keys }] of numbers.entries()) {
          const numberId = randomUUID();
          await insertNumber(trx, {
            id: numberId,
            listingId: id,
            place,
            chip,
            sealedNumber: storageKey.seal(bytes, listedNumberContext(numberId)),
            batchPrefix: batchPrefixOf(bytes),
            keys,
          });
        }
        await tellNumbers(scope, found(await selectListing(trx, id), "listing"));
        const after = { kind: input.kind, seenOn: input.seenOn, numbers: numbers.length };
        await record({ action: "listing.noted", entity: "listing", entityId: id, after });
        return detail(trx, id);
      });
      exchange.nudge();
      return created;
    },

    /**
     * Throws `invalid-request` for anything but a JPEG or PNG that is what it says.
     *
     * @param file reads what is uploaded; called only for somebody who may
     */
    async addPhoto(author: StaffAuthor, id: string, file: () => Promise<Uint8Array>): Promise<ListingDetail> {
      authorise(author.actor, "cases.handle");
      const outcome = await clean(await file());
      const type = outcome.ok ? MARKET_PHOTO_TYPES.find((one) => one === outcome.image.type) : undefined;
      if (!outcome.ok || type === undefined) {
        throw refusal("invalid-request", "this file cannot be taken as a photo: expected a JPEG or PNG", {
          fields: [{ path: "body", message: outcome.ok ? "unknown-type" : outcome.fault }],
        });
      }
      const { bytes } = outcome.image;
      return change(author, async ({ trx, record }) => {
        await lockPresent(trx, id);
        const version = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
        const sealed = storageKey.seal(bytes, `market-photo:${id}`);
        await updatePhoto(trx, id, { sealed, type, version });
        const after = { type, sizeBytes: bytes.length };
        await record({ action: "listing.photo-added", entity: "listing", entityId: id, after });
        return detail(trx, id);
      });
    },

    async photo(actor: Actor, id: string): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
      authorise(actor, "cases.read");
      const row = found(await selectPhoto(db, id), "listing");
      if (row.sealed_photo === null || row.photo_type === null) throw refusal("not-found", "no photo");
      return { type: row.photo_type, bytes: storageKey.open(row.sealed_photo, `market-photo:${id}`) };
    },

    async remove(author: StaffAuthor, id: string): Promise<void> {
      authorise(author.actor, "cases.handle");
      await change(author, async ({ trx, at, record }) => {
        await lockPresent(trx, id);
        await setRemoved(trx, "market_listing", id, at);
        await record({ action: "listing.removed", entity: "listing", entityId: id });
      });
      exchange.nudge();
    },

    async restore(author: StaffAuthor, id: string): Promise<ListingDetail> {
      authorise(author.actor, "cases.handle");
      const restored = await change(author, async (scope) => {
        const { trx, record } = scope;
        await lockRecord(trx, "market_listing", id);
        found(await selectListing(trx, id), "listing");
        await setRemoved(trx, "market_listing", id, undefined);
        await markListingAgain(trx, id);
        await tellNumbers(scope, found(await selectListing(trx, id), "listing"));
        await record({ action: "listing.restored", entity: "listing", entityId: id });
        return detail(trx, id);
      });
      exchange.nudge();
      return restored;
    },

    async tidy(): Promise<void> {
      const now = clock.now();
      await db.transaction().execute((trx) => deleteOutdated(trx, now - KEPT_REMOVED_MS, now - KEPT_MS));
    },
  };
}

async function lockPresent(trx: ChangeScope["trx"], id: string): Promise<void> {
  await lockRecord(trx, "market_listing", id);
  const row = found(await selectListing(trx, id), "listing");
  if (row.removed_at !== null) throw refusal("conflict", "this listing was taken away: put it back first");
}

function basics(row: ListingRow) {
  return {
    id: row.id,
    revision: row.revision,
    ...optional("removedAt", row.removed_at),
    kind: parse(LISTING_KINDS, row.kind),
    seenOn: row.seen_on,
    notedAt: row.noted_at,
    notedBy: row.noted_by_name,
  };
}

function demandSense({ url, text, numbers, seenOn }: ListingInput): void {
  const wrong = (path: string, message: string) =>
    refusal("invalid-request", message, { fields: [{ path: `body/${path}`, message }] });
  if (url === undefined && text === undefined && numbers.length === 0) {
    throw wrong("text", "write down what was seen: an address, a text or numbers");
  }
  if (Number.isNaN(Date.parse(seenOn))) throw wrong("seenOn", "there is no such day");
}

/** The bytes, and the keys that credentials with this number would have. */
function readNumber(number: string, chip: CityChip, place: number) {
  const bytes = fromHex(number);
  const path = `body/numbers/${place}/number`;
  const lengths = LENGTHS[chip];
  if (!lengths.includes(bytes.length)) {
    const message =
      lengths.length === 0
        ? "cards of this kind have no number that is printed or read"
        : `expected ${lengths.join(", ")} bytes for ${chip}`;
    throw refusal("invalid-request", message, { fields: [{ path, message }] });
  }
  // A number that was read as a mere number may be that of a card with keys.
  const kinds = CITY_CHIPS.filter((kind) => LENGTHS[kind].includes(bytes.length));
  return { bytes, chip, keys: kinds.map((kind) => credentialKeyOf(primitives, kind, bytes)) };
}

function parse<const Words extends readonly string[]>(words: Words, text: string): Words[number] {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new CommunityError("internal", "a stored word of a listing is unknown");
  return word;
}
