import { equalBytes, fromHex, sha256, toHex, wipe } from "@menshen/crypto/node";
import { combine, split } from "shamir-secret-sharing";
import { symmetricCheckValue } from "./ceremony.ts";
import { KeyServiceError } from "./errors.ts";
import {
  type KeyReference,
  type KeyShare,
  requireReference,
  SYMMETRIC_KEY_BYTES,
  type SymmetricUse,
} from "./key-service.ts";

const FORM = "menshen-key-share-1";
const CHECKSUM_BYTES = 4;
const SHARE_BYTES = SYMMETRIC_KEY_BYTES + 1;
const MAX_SHARES = 16;
const MAX_TEXT_BYTES = 256;
const SYMMETRIC_USES: readonly SymmetricUse[] = ["diversify", "mac", "shared"];
const encoder = new TextEncoder();

/**
 * Splits a key for safe-keeping in several hands.
 *
 * @param key 16 bytes; the caller wipes it
 * @param into 2 to 16 shares, of which 2 or more are needed
 * @throws {KeyServiceError} `bad-argument`
 */
export async function splitKey(
  key: Uint8Array,
  about: { readonly reference: KeyReference; readonly use: SymmetricUse },
  into: { readonly threshold: number; readonly count: number },
): Promise<readonly KeyShare[]> {
  const { threshold, count } = into;
  requireReference(about.reference);
  if (!isSplit(threshold, count) || key.length !== SYMMETRIC_KEY_BYTES) {
    throw new KeyServiceError(
      "bad-argument",
      `expected a key of 16 bytes and 2 to ${MAX_SHARES} shares, 2 or more needed`,
    );
  }
  const checkValue = symmetricCheckValue(key);
  const values = await split(key, count, threshold);
  return values.map((value) => ({ ...about, ...into, checkValue, value }));
}

/**
 * The key that shares give together; the caller gives it to a service and wipes it.
 *
 * @throws {KeyServiceError} `shares-insufficient` for too few or shares of different keys; `shares-wrong` when what
 *   they give is not the key that was split
 */
export async function joinShares(shares: readonly KeyShare[]): Promise<Uint8Array> {
  const [first] = shares;
  if (first === undefined) throw new KeyServiceError("shares-insufficient", "expected shares");
  const sameKey = (share: KeyShare) => aboutText(share) === aboutText(first);
  const places = new Set(shares.map(({ value }) => value.at(-1)));
  if (!shares.every(sameKey) || places.size !== shares.length || shares.length < first.threshold) {
    throw new KeyServiceError(
      "shares-insufficient",
      `expected ${first.threshold} different shares of one key, came ${shares.length}`,
    );
  }
  const key = await combine(shares.map(({ value }) => value));
  if (key.length !== SYMMETRIC_KEY_BYTES || symmetricCheckValue(key) !== first.checkValue) {
    wipe(key);
    throw new KeyServiceError("shares-wrong", "expected shares that give the key they were made of");
  }
  return key;
}

/** One line to print or keep: everything about the share, in words, and a checksum against slips of the pen. */
export function shareText(share: KeyShare): string {
  const text = `${aboutText(share)} ${toHex(share.value)}`;
  return `${text} ${toHex(checksum(text))}`;
}

/**
 * Inverse of {@link shareText}; spaces at the ends and capital letters do not matter.
 *
 * @throws {KeyServiceError} `malformed`, `unknown-version`, `too-large`
 */
export function parseShare(line: string): KeyShare {
  if (line.length > MAX_TEXT_BYTES)
    throw new KeyServiceError("too-large", `expected up to ${MAX_TEXT_BYTES} bytes`);
  const text = line.trim().toLowerCase();
  const pieces = text.split(/ +/);
  const [form = "", name = "", version = "", use = "", split_ = "", checkValue = "", value = "", check = ""] =
    pieces;
  if (/^menshen-key-share-\d+$/.test(form) && form !== FORM) {
    throw new KeyServiceError("unknown-version", "expected a share of version 1");
  }
  const [, threshold = "", count = ""] = /^(\d{1,2})-of-(\d{1,2})$/.exec(split_) ?? [];
  const share = {
    reference: { name, version: /^v\d{1,3}$/.test(version) ? Number(version.slice(1)) : 0 },
    use: SYMMETRIC_USES.find((known) => known === use),
    threshold: Number(threshold),
    count: Number(count),
    checkValue,
    value: /^([0-9a-f]{2})+$/.test(value) ? fromHex(value) : new Uint8Array(),
  };
  const { use: known } = share;
  const fits =
    pieces.length === 8 &&
    form === FORM &&
    known !== undefined &&
    isSplit(share.threshold, share.count) &&
    /^[0-9a-f]{6}$/.test(checkValue) &&
    share.value.length === SHARE_BYTES &&
    /^[0-9a-f]{8}$/.test(check) &&
    equalBytes(fromHex(check), checksum(pieces.slice(0, 7).join(" ")));
  if (!fits)
    throw new KeyServiceError("malformed", "expected a line of a key share, each sign as it was printed");
  try {
    requireReference(share.reference);
  } catch (cause) {
    throw new KeyServiceError("malformed", "expected a line of a key share", { cause });
  }
  return { ...share, use: known };
}

function aboutText({ reference, use, threshold, count, checkValue }: KeyShare): string {
  const { name, version } = reference;
  return `${FORM} ${name} v${version} ${use} ${threshold}-of-${count} ${checkValue}`;
}

function checksum(text: string): Uint8Array {
  return sha256(encoder.encode(text)).slice(0, CHECKSUM_BYTES);
}

function isSplit(threshold: number, count: number): boolean {
  return (
    Number.isInteger(threshold) &&
    Number.isInteger(count) &&
    threshold >= 2 &&
    threshold <= count &&
    count <= MAX_SHARES
  );
}
