import { diversificationInput, type KeyedCardKind, layoutOf } from "@menshen/credentials";
import { CommunityId } from "@menshen/domain";
import {
  CARD_MASTER,
  CARD_PRIVACY,
  type KeyReference,
  type KeyService,
  KeyServiceError,
  PIN_PEPPER,
} from "@menshen/key-service";
import { uuidBytes } from "@menshen/wire";
import { moment, type Reader } from "../database/database.ts";

export const MASTER_KINDS = ["desfire", "ntag424"] as const satisfies readonly KeyedCardKind[];

const PRIVACY_KEY: KeyReference = { name: CARD_PRIVACY, version: 1 };
const PIN_KEY: KeyReference = { name: PIN_PEPPER, version: 1 };
/** Kept beside the masters from a server's first start. */
export const SHARED_KEYS: readonly KeyReference[] = [PRIVACY_KEY, PIN_KEY];

/** The key service, as far as it is open. Throws `keys-locked`. */
export type Keys = () => KeyService;

/** Which key of a card. */
export interface CardKeyRequest {
  readonly kind: KeyedCardKind;
  readonly uid: Uint8Array;
  /** 0: the key that administers the card's application; else 1 to 13. */
  readonly doorGroup: number;
  readonly version: number;
}

export function masterOf(kind: KeyedCardKind, version: number): KeyReference {
  return { name: CARD_MASTER[kind], version };
}

/**
 * AES-128 for single cards (AN10922), in the order asked, made where the masters are; `undefined` for a version that has
 * ended.
 */
export async function cardKeys(
  service: KeyService,
  communityIdText: string,
  requests: readonly CardKeyRequest[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const communityId = uuidBytes(CommunityId(communityIdText));
  const made: (Uint8Array | undefined)[] = [];
  const ended = new Set<string>();
  for (const { kind, uid, doorGroup, version } of requests) {
    const reference = masterOf(kind, version);
    const name = `${kind} ${version}`;
    if (ended.has(name)) {
      made.push(undefined);
      continue;
    }
    const { applicationId } = layoutOf(kind);
    const input = diversificationInput({ uid, applicationId, communityId, doorGroup });
    try {
      made.push(await service.diversify(reference, input));
    } catch (error) {
      if (!isUnknownKey(error)) throw error;
      ended.add(name);
      made.push(undefined);
    }
  }
  return made;
}

/** 16 bytes, shared with gates and written onto cards that hide their number: under it they tell it. */
export async function privacyKeyOf(service: KeyService): Promise<Uint8Array> {
  return service.reveal(PRIVACY_KEY);
}

/** 16 bytes, shared with the gates: without it a PIN's credential key says nothing of its digits. */
export async function pinKeyOf(service: KeyService): Promise<Uint8Array> {
  return service.reveal(PIN_KEY);
}

/**
 * Masters of a new version, drawn by the key service: nothing that was stolen before says anything of them. Those that a
 * ceremony has put there already are taken.
 */
export async function beginVersion(
  db: Reader,
  service: KeyService,
  version: number,
  now: number,
): Promise<void> {
  const there = await service.list();
  for (const kind of MASTER_KINDS) {
    const reference = masterOf(kind, version);
    const found = there.find((key) => isSame(key.reference, reference));
    const { checkValue } = found ?? (await service.create(reference, "diversify"));
    await recordKept(db, reference, checkValue, now);
  }
}

/** Destroys the masters of a version: its cards can never be written again with what they carry. */
export async function destroyVersion(db: Reader, service: KeyService, version: number): Promise<void> {
  for (const kind of MASTER_KINDS) {
    const reference = masterOf(kind, version);
    try {
      await service.destroy(reference);
    } catch (error) {
      // Destroyed before, by a server that was killed before it could say so.
      if (!isUnknownKey(error)) throw error;
    }
    await db
      .deleteFrom("kept_key")
      .where("name", "=", reference.name)
      .where("version", "=", version)
      .execute();
  }
}

/** Notes what tells a key from others. */
export async function recordKept(
  db: Reader,
  { name, version }: KeyReference,
  checkValue: string,
  now: number,
): Promise<void> {
  await db
    .insertInto("kept_key")
    .values({ name, version, check_value: checkValue, kept_at: moment(now) })
    .onConflict((conflict) => conflict.columns(["name", "version"]).doNothing())
    .execute();
}

export function isSame(a: KeyReference, b: KeyReference): boolean {
  return a.name === b.name && a.version === b.version;
}

function isUnknownKey(error: unknown): boolean {
  return error instanceof KeyServiceError && error.code === "unknown-key";
}
