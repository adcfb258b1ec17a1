import { toHex } from "@menshen/crypto";
import { Tagged } from "cborg";
import { CredentialError } from "../../credential-error.ts";
import type { AliroPrimitives } from "../aliro-primitives.ts";
import { ACCESS_DATA_VERSION } from "./access-data.ts";
import { arrayOf, byteString, CborTag, mapOf, wholeNumber } from "./document-cbor.ts";

/** One revoked credential, by its key, by the id of its access data, or by both. */
export interface RevocationEntry {
  /** SHA-256 over the credential's public key (65 bytes). */
  readonly publicKeyHash?: Uint8Array;
  /** 1 to 16 bytes. */
  readonly id?: Uint8Array;
  /** From when on the entry is not needed any more, seconds since 1970-01-01T00:00:00Z. */
  readonly expiryS?: number;
}

/** The element of a revocation document. */
export interface RevocationData {
  /** `overwrite`: the entries are the whole list. `append`: they are added, and `removed` taken out. */
  readonly changeMode: "overwrite" | "append";
  readonly entries: readonly RevocationEntry[];
  /** With `append` only. */
  readonly removed?: readonly RevocationEntry[];
}

/** Which credentials are revoked, as a reader keeps it. Plain data: a gate may store it as it is. */
export interface RevocationList {
  readonly publicKeyHashes: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
}

export const emptyRevocationList: RevocationList = { publicKeyHashes: new Set(), ids: new Set() };

const KEY = { version: 0, changeMode: 1, entries: 2, removed: 3, extensions: 4 } as const;
const MAX_ENTRIES = 512;
const MAX_ID_BYTES = 16;
const U32 = 0xffff_ffff;

/** @throws {CredentialError} `bad-argument` for anything that {@link parseRevocationData} would not take */
export function revocationDataToCbor(data: RevocationData): Map<number, unknown> {
  const map = new Map<number, unknown>([
    [KEY.version, ACCESS_DATA_VERSION],
    [KEY.changeMode, data.changeMode === "overwrite" ? 0 : 1],
    [KEY.entries, data.entries.map(entryToCbor)],
  ]);
  if (data.removed !== undefined) map.set(KEY.removed, data.removed.map(entryToCbor));
  try {
    parseRevocationData(map);
  } catch (cause) {
    throw new CredentialError("bad-argument", "expected revocation data within the stated ranges", { cause });
  }
  return map;
}

/**
 * Reads the element of a revocation document. Extensions are refused: whether they may be passed over, no source says.
 *
 * @returns `undefined` for a version other than 1
 * @throws {CredentialError} `malformed`
 */
export function parseRevocationData(value: unknown): RevocationData | undefined {
  const map = mapOf(value, "revocation data");
  if (wholeNumber(map.get(KEY.version), "version", 0, U32) !== ACCESS_DATA_VERSION) return undefined;
  if (map.has(KEY.extensions)) throw new CredentialError("malformed", "expected no extension");
  const changeMode = wholeNumber(map.get(KEY.changeMode), "change mode", 0, 1) === 0 ? "overwrite" : "append";
  const entries = arrayOf(map.get(KEY.entries) ?? [], "entries", MAX_ENTRIES).map(parseEntry);
  const removed = map.get(KEY.removed);
  if (removed === undefined) return { changeMode, entries };
  if (changeMode === "overwrite") {
    throw new CredentialError("malformed", "expected nothing to remove from a list that is replaced");
  }
  return { changeMode, entries, removed: arrayOf(removed, "removed entries", MAX_ENTRIES).map(parseEntry) };
}

/** The list after a revocation document that has been verified. */
export function applyRevocation(list: RevocationList, data: RevocationData): RevocationList {
  const begin = data.changeMode === "overwrite" ? emptyRevocationList : list;
  const [publicKeyHashes, ids] = [new Set(begin.publicKeyHashes), new Set(begin.ids)];
  for (const { publicKeyHash, id } of data.removed ?? []) {
    if (publicKeyHash !== undefined) publicKeyHashes.delete(toHex(publicKeyHash));
    if (id !== undefined) ids.delete(toHex(id));
  }
  for (const { publicKeyHash, id } of data.entries) {
    if (publicKeyHash !== undefined) publicKeyHashes.add(toHex(publicKeyHash));
    if (id !== undefined) ids.add(toHex(id));
  }
  return { publicKeyHashes, ids };
}

/**
 * Whether a credential is on the list.
 *
 * @param publicKey 65 bytes
 * @param id of its access data, if it has one
 */
export function isRevoked(
  primitives: Pick<AliroPrimitives, "sha256">,
  list: RevocationList,
  publicKey: Uint8Array,
  id?: Uint8Array,
): boolean {
  if (list.publicKeyHashes.has(toHex(primitives.sha256(publicKey)))) return true;
  return id !== undefined && id.length > 0 && list.ids.has(toHex(id));
}

function entryToCbor({ publicKeyHash, id, expiryS }: RevocationEntry): Map<number, unknown> {
  const map = new Map<number, unknown>();
  if (publicKeyHash !== undefined) map.set(0, publicKeyHash);
  if (id !== undefined) map.set(1, id);
  if (expiryS !== undefined) map.set(2, new Tagged(CborTag.epochSeconds, expiryS));
  return map;
}

function parseEntry(value: unknown): RevocationEntry {
  const map = mapOf(value, "entry");
  const [hash, id, expiry] = [map.get(0), map.get(1), map.get(2)];
  const seconds: unknown =
    expiry instanceof Tagged && expiry.tag === CborTag.epochSeconds ? expiry.value : expiry;
  if (hash === undefined && id === undefined) {
    throw new CredentialError("malformed", "expected a key hash or an id in an entry");
  }
  return {
    ...(hash === undefined ? {} : { publicKeyHash: byteString(hash, "key hash", 32) }),
    ...(id === undefined ? {} : { id: idOf(id) }),
    ...(seconds === undefined ? {} : { expiryS: wholeNumber(seconds, "expiry", 0, U32) }),
  };
}

function idOf(value: unknown): Uint8Array {
  const id = byteString(value, "id");
  if (id.length >= 1 && id.length <= MAX_ID_BYTES) return id;
  throw new CredentialError("malformed", `expected an id of 1 to ${MAX_ID_BYTES} bytes`);
}
