import { diversificationInput, diversifyAes128, type KeyedCardKind, layoutOf } from "@menshen/credentials";
import { primitives, randomBytes, wipe } from "@menshen/crypto/node";
import { CommunityId } from "@menshen/domain";
import { uuidBytes } from "@menshen/wire";
import { type Database, moment, type Reader, type Trx } from "../database/database.ts";
import type { StorageKey } from "./storage-key.ts";

const KINDS = ["desfire", "ntag424"] as const satisfies readonly KeyedCardKind[];
const MASTER_BYTES = 16;

/** Which key of a card. */
export interface CardKeyRequest {
  readonly kind: KeyedCardKind;
  readonly uid: Uint8Array;
  /** 0: the key that administers the card's application; else 1 to 13. */
  readonly doorGroup: number;
  readonly version: number;
}

/** Masters that were opened for one piece of work. */
export interface OpenMasters {
  /** AES-128 for one card (AN10922); `undefined` once the version has ended. */
  readonly keyOf: (request: CardKeyRequest) => Uint8Array | undefined;
  /** Overwrites them. */
  readonly close: () => void;
}

function nameOf(kind: KeyedCardKind, version: number): string {
  return version === 1 ? `master:${kind}` : `master:${kind}:${version}`;
}

/** Opens the masters of all versions that have not ended. Throws `keys-unreadable`. */
export async function openMasters(
  db: Reader,
  storageKey: StorageKey,
  communityIdText: string,
): Promise<OpenMasters> {
  const communityId = uuidBytes(CommunityId(communityIdText));
  const rows = await db
    .selectFrom("server_secret")
    .select(["name", "sealed"])
    .where("name", "like", "master:%")
    .execute();
  const masters = new Map(rows.map(({ name, sealed }) => [name, storageKey.open(sealed, `secret:${name}`)]));
  return {
    keyOf({ kind, uid, doorGroup, version }) {
      const master = masters.get(nameOf(kind, version));
      if (master === undefined) return undefined;
      const { applicationId } = layoutOf(kind);
      const input = diversificationInput({ uid, applicationId, communityId, doorGroup });
      return diversifyAes128(primitives, master, input);
    },
    close() {
      for (const master of masters.values()) wipe(master);
      masters.clear();
    },
  };
}

/** Draws the masters of a version: nothing that was stolen before says anything of them. */
export async function drawMasters(
  db: Reader,
  storageKey: StorageKey,
  version: number,
  now: number,
): Promise<void> {
  for (const kind of KINDS) await storeMaster(db, storageKey, kind, version, randomBytes(MASTER_BYTES), now);
}

/** Destroys the masters of a version: its cards can never be written again with what they carry. */
export async function destroyMasters(trx: Trx, version: number): Promise<void> {
  const names = KINDS.map((kind) => nameOf(kind, version));
  await trx.deleteFrom("server_secret").where("name", "in", names).execute();
}

/** First start: draws the first version's masters. Throws `keys-unreadable`. */
export async function ensureMasters(
  db: Database,
  storageKey: StorageKey,
  communityIdText: string,
  now: number,
): Promise<void> {
  const alive = await db
    .selectFrom("card_key_version")
    .select("version")
    .where("ended_at", "is", null)
    .execute();
  if (alive.some(({ version }) => version === 1)) await drawMasters(db, storageKey, 1, now);
  const stored = await db
    .selectFrom("server_secret")
    .select("name")
    .where("name", "like", "master:%")
    .execute();
  const names = new Set(stored.map(({ name }) => name));
  const text = new TextEncoder();
  const communityId = uuidBytes(CommunityId(communityIdText));
  for (const { version } of alive) {
    for (const kind of KINDS) {
      if (names.has(nameOf(kind, version))) continue;
      // Versions that were started before each had masters of its own came from the first one's.
      const first = await db
        .selectFrom("server_secret")
        .select("sealed")
        .where("name", "=", nameOf(kind, 1))
        .executeTakeFirstOrThrow();
      const root = storageKey.open(first.sealed, `secret:${nameOf(kind, 1)}`);
      const info = text.encode(`menshen card master v1 ${kind} ${version}`);
      const master = primitives.hkdfSha256(root, communityId, info, MASTER_BYTES);
      await storeMaster(db, storageKey, kind, version, master, now);
      wipe(root);
    }
  }
}

/** Wipes `master`. Two servers that start at once agree on the first one stored. */
async function storeMaster(
  db: Reader,
  storageKey: StorageKey,
  kind: KeyedCardKind,
  version: number,
  master: Uint8Array,
  now: number,
): Promise<void> {
  const name = nameOf(kind, version);
  const sealed = storageKey.seal(master, `secret:${name}`);
  wipe(master);
  await db
    .insertInto("server_secret")
    .values({ name, sealed, created_at: moment(now) })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}
