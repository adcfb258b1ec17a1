import { coseVerify1, prepareCoseSign1, type VerifyKey } from "@menshen/crypto";
import { CredentialKey } from "@menshen/domain";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import type { KeyedCardKind } from "../card/card-layout.ts";
import { CredentialError } from "../credential-error.ts";

/** What a desk did to a card, without the card's number: for the file that an auditor reads. */
export interface PersonalisationRecord {
  readonly credentialKey: CredentialKey;
  readonly kind: KeyedCardKind;
  readonly keyVersion: number;
  /** 1 to 13, ascending. Each of their keys was proved by the card when the record was made. */
  readonly doorGroups: readonly number[];
  readonly hidesUid: boolean;
  readonly transactionMac: boolean;
  readonly mirrorsAddress: boolean;
  /** Milliseconds since 1970, by the desk's clock. */
  readonly atMs: number;
}

/** A record whose signature was checked, or why not. */
export type VerifiedRecord =
  | { readonly verified: true; readonly record: PersonalisationRecord }
  | { readonly verified: false; readonly reason: "bad-signature" | "malformed" };

const CONTENT_TYPE = "application/menshen-personalisation+cbor";
const MAX_BYTES = 1_024;
const KINDS: readonly KeyedCardKind[] = ["desfire", "ntag424"];
const VERSION = 1;
const FIELDS = 9;

/**
 * The record as COSE_Sign1 (ES256), for a key that a key service holds: sign `toBeSigned`, then `finish` with the
 * signature.
 *
 * @param kid which desk's key, as the verifier finds it
 */
export function preparePersonalisationRecord(
  record: PersonalisationRecord,
  kid: Uint8Array,
): ReturnType<typeof prepareCoseSign1> {
  const payload = encodePersonalisationRecord(record);
  return prepareCoseSign1({ payload, alg: "ES256", kid, contentType: CONTENT_TYPE });
}

/** Checks a signed record against a desk's key; hostile bytes give a refusal. */
export function verifyPersonalisationRecord(message: Uint8Array, key: VerifyKey): VerifiedRecord {
  const checked = coseVerify1({ message, key });
  if (!checked.verified) {
    return { verified: false, reason: checked.reason === "malformed" ? "malformed" : "bad-signature" };
  }
  if (checked.contentType !== CONTENT_TYPE) return { verified: false, reason: "malformed" };
  try {
    return { verified: true, record: parsePersonalisationRecord(checked.payload) };
  } catch (error) {
    if (error instanceof CredentialError) return { verified: false, reason: "malformed" };
    throw error;
  }
}

/** Deterministic CBOR (RFC 8949 §4.2.1): a map with the keys 0 to 8. */
export function encodePersonalisationRecord(record: PersonalisationRecord): Uint8Array {
  const map = new Map<number, unknown>([
    [0, VERSION],
    [1, record.credentialKey],
    [2, KINDS.indexOf(record.kind)],
    [3, record.keyVersion],
    [4, [...record.doorGroups]],
    [5, record.hidesUid],
    [6, record.transactionMac],
    [7, record.mirrorsAddress],
    [8, record.atMs],
  ]);
  return encode(map, rfc8949EncodeOptions);
}

/**
 * Inverse of {@link encodePersonalisationRecord}.
 *
 * @throws {CredentialError} `malformed`, also for another encoding of the same record
 */
export function parsePersonalisationRecord(bytes: Uint8Array): PersonalisationRecord {
  const map = readMap(bytes);
  const kind = KINDS[Number(map.get(2))];
  const [credentialKey, keyVersion, doorGroups, atMs] = [1, 3, 4, 8].map((label) => map.get(label));
  const [hidesUid, transactionMac, mirrorsAddress] = [5, 6, 7].map((label) => map.get(label));
  if (
    map.size !== FIELDS ||
    map.get(0) !== VERSION ||
    kind === undefined ||
    !(credentialKey instanceof Uint8Array && credentialKey.length === 16) ||
    !isWhole(keyVersion, 1, 127) ||
    !Array.isArray(doorGroups) ||
    !isWhole(atMs, 0, Number.MAX_SAFE_INTEGER) ||
    typeof hidesUid !== "boolean" ||
    typeof transactionMac !== "boolean" ||
    typeof mirrorsAddress !== "boolean"
  ) {
    throw malformed();
  }
  const groups: number[] = [];
  for (const group of doorGroups) {
    if (!isWhole(group, (groups.at(-1) ?? 0) + 1, 13)) throw malformed();
    groups.push(group);
  }
  const record = {
    credentialKey: CredentialKey(credentialKey),
    kind,
    keyVersion,
    doorGroups: groups,
    hidesUid,
    transactionMac,
    mirrorsAddress,
    atMs,
  };
  const again = encodePersonalisationRecord(record);
  if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) throw malformed();
  return record;
}

function readMap(bytes: Uint8Array): ReadonlyMap<unknown, unknown> {
  if (bytes.length > MAX_BYTES) throw malformed();
  let value: unknown;
  try {
    value = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, strict: true });
  } catch (cause) {
    // cborg throws plain errors for all kinds of malformed input.
    throw malformed(cause);
  }
  if (!(value instanceof Map)) throw malformed();
  return value;
}

function isWhole(value: unknown, lowest: number, highest: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= lowest && value <= highest;
}

function malformed(cause?: unknown): CredentialError {
  return new CredentialError("malformed", "expected the record of a personalisation", { cause });
}
