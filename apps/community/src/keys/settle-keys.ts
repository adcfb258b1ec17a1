import type { KeyedCardKind } from "@menshen/credentials";
import { primitives, randomBytes, wipe } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import {
  type KeyReference,
  type KeyService,
  referenceText,
  type SymmetricUse,
  symmetricCheckValue,
} from "@menshen/key-service";
import { uuidBytes } from "@menshen/wire";
import { sql } from "kysely";
import type { Database } from "../database/database.ts";
import { CommunityError } from "../errors.ts";
import { destroyVersion, isSame, MASTER_KINDS, masterOf, recordKept, SHARED_KEYS } from "./card-masters.ts";
import type { StorageKey } from "./storage-key.ts";

const MASTER_BYTES = 16;

interface WantedKey {
  readonly reference: KeyReference;
  readonly use: SymmetricUse;
  /** Where an earlier version of this server kept it in the database. */
  readonly rowName: string;
  /** Made when there is none: belongs to a community's first start. */
  readonly isFirst: boolean;
  readonly kind?: KeyedCardKind;
}

/** What a step did, for the log. */
export interface SettledKeys {
  /** Taken over from the database. */
  readonly moved: readonly KeyReference[];
}

/**
 * Brings database and key service together after the service was opened: draws the keys of a first start, moves those that
 * an earlier version of this server kept in the database, and destroys what a version that has ended left.
 *
 * A process that dies at any moment loses no key: a key is durable in the service before its row is written over, and the
 * row goes last. Called again it goes on. Yields after each durable step.
 *
 * @throws {CommunityError} `keys-unreadable` when the service holds other keys than this community's
 */
export async function* settleKeys(dependencies: {
  readonly db: Database;
  readonly storageKey: StorageKey;
  readonly service: KeyService;
  readonly communityId: string;
  readonly now: number;
}): AsyncGenerator<string, SettledKeys> {
  const { db, storageKey, service, communityId, now } = dependencies;
  const versions = await db
    .selectFrom("card_key_version")
    .select(["version", "ended_at"])
    .orderBy("version")
    .execute();
  const wanted: readonly WantedKey[] = [
    ...versions
      .filter(({ ended_at }) => ended_at === null)
      .flatMap(({ version }) => MASTER_KINDS.map((kind) => wantedMaster(kind, version))),
    ...SHARED_KEYS.map((reference): WantedKey => {
      const rowName = reference.name === "card-privacy" ? "privacy-key" : "pin-key";
      return { reference, use: "shared", rowName, isFirst: true };
    }),
  ];
  const records = await db.selectFrom("kept_key").select(["name", "version", "check_value"]).execute();
  const rows = new Map(
    (
      await db
        .selectFrom("server_secret")
        .select(["name", "sealed"])
        .where((eb) => eb.or([eb("name", "like", "master:%"), eb("name", "in", ["privacy-key", "pin-key"])]))
        .execute()
    ).map(({ name, sealed }) => [name, sealed]),
  );
  const open = (rowName: string) => {
    const sealed = rows.get(rowName);
    return sealed === undefined ? undefined : storageKey.open(sealed, `secret:${rowName}`);
  };

  /** The value that the database still holds, opened; or of a version from before each had masters of its own. */
  function valueBefore({ rowName, kind, reference }: WantedKey): Uint8Array | undefined {
    const own = open(rowName);
    if (own !== undefined || kind === undefined || reference.version === 1) return own;
    const first = open(rowNameOf(kind, 1));
    if (first === undefined) return undefined;
    const info = new TextEncoder().encode(`menshen card master v1 ${kind} ${reference.version}`);
    const value = primitives.hkdfSha256(first, uuidBytes(CommunityId(communityId)), info, MASTER_BYTES);
    wipe(first);
    return value;
  }

  const there = await service.list();
  const found = new Map<WantedKey, string>();
  const moved: KeyReference[] = [];
  for (const key of wanted) {
    const { reference, use, isFirst } = key;
    const inService = there.find((one) => isSame(one.reference, reference) && one.use === use);
    const record = records.find((one) => isSame(one, reference));
    if (record !== undefined) {
      if (inService?.checkValue !== record.check_value) throw otherKeys(reference);
      found.set(key, record.check_value);
      continue;
    }
    const value = valueBefore(key);
    if (value !== undefined) {
      const checkValue = symmetricCheckValue(value);
      if (inService === undefined) await service.take(reference, use, value);
      else if (inService.checkValue !== checkValue) throw otherKeys(reference);
      wipe(value);
      moved.push(reference);
      found.set(key, checkValue);
    } else if (inService !== undefined) {
      // A ceremony's, or drawn by a start that was killed before it could note it.
      found.set(key, inService.checkValue);
    } else if (isFirst) {
      found.set(key, (await service.create(reference, use)).checkValue);
    } else throw otherKeys(reference);
    yield `kept ${referenceText(reference)}`;
  }

  // Nothing is written over before all of it can be had from the service, as the service itself says.
  const kept = await service.list();
  for (const [{ reference }, checkValue] of found) {
    const told = kept.find((one) => isSame(one.reference, reference));
    if (told?.checkValue !== checkValue) throw otherKeys(reference);
  }
  const spent = [...rows.keys()];
  await db.transaction().execute(async (trx) => {
    for (const [{ reference }, checkValue] of found) await recordKept(trx, reference, checkValue, now);
    for (const name of spent) {
      const overwritten = randomBytes(rows.get(name)?.length ?? 0);
      await trx.updateTable("server_secret").set({ sealed: overwritten }).where("name", "=", name).execute();
    }
  });
  yield "noted";
  if (spent.length > 0) {
    // The database keeps earlier states of a row until its table is written anew.
    await sql`vacuum (full) server_secret`.execute(db);
    yield "written anew";
    await db.deleteFrom("server_secret").where("name", "in", spent).execute();
    yield "removed";
  }
  for (const { version, ended_at } of versions) {
    if (ended_at === null) continue;
    const left = kept.some(({ reference }) =>
      MASTER_KINDS.some((kind) => isSame(reference, masterOf(kind, version))),
    );
    const noted = records.some(
      (one) => one.version === version && MASTER_KINDS.some((kind) => masterOf(kind, 1).name === one.name),
    );
    if (left || noted) await destroyVersion(db, service, version);
  }
  return { moved };
}

function wantedMaster(kind: KeyedCardKind, version: number): WantedKey {
  const isFirst = version === 1;
  return {
    reference: masterOf(kind, version),
    use: "diversify",
    rowName: rowNameOf(kind, version),
    isFirst,
    kind,
  };
}

function rowNameOf(kind: KeyedCardKind, version: number): string {
  return version === 1 ? `master:${kind}` : `master:${kind}:${version}`;
}

function otherKeys(reference: KeyReference): CommunityError {
  return new CommunityError(
    "keys-unreadable",
    `the key service holds no key \`${referenceText(reference)}\`, or another than this community's`,
  );
}
