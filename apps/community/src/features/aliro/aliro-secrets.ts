import { type AliroSigner, issueReaderCertificate } from "@menshen/credentials";
import {
  CryptoError,
  concatBytes,
  hkdfSha256,
  p256FromSecret,
  p256Generate,
  p256Sign,
  randomBytes,
  type SigningKey,
  sha1,
  toHex,
} from "@menshen/crypto/node";
import { Duration, type GateId } from "@menshen/domain";
import { type AliroKeys, uuidBytes } from "@menshen/wire";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { AliroKeyRow } from "./aliro.store.ts";

const SEED_BYTES = 32;
const SCALAR_BYTES = 32;
/** Reader certificates are made anew so often, and hold as much longer as a gate may be without its server. */
const CERTIFICATE_PERIOD = Duration.days(90);
const CERTIFICATE_RESERVE = Duration.days(400);
const CLOCK_DOUBT = Duration.hours(1);

/** A key that was just made, with its secret sealed. */
export function makeAliroSecret(storageKey: StorageKey, keyId: string) {
  const key = p256Generate();
  // Behind the scalar: what the keys of a group's readers are made from.
  const secret = concatBytes(key.secretKey, randomBytes(SEED_BYTES));
  return { publicKey: key.publicKey, sealed: storageKey.seal(secret, contextOf(keyId)) };
}

/** Throws `keys-unreadable`. */
export function signerOf(storageKey: StorageKey, row: AliroKeyRow): AliroSigner {
  const secretKey = storageKey.open(row.sealed, contextOf(row.id)).subarray(0, SCALAR_BYTES);
  return { publicKey: row.publicKey, sign: (message) => p256Sign(secretKey, message) };
}

/** Rises when a gate's certificate is due to be made anew. */
export function certificatePeriod(at: number): number {
  return Math.floor(at / CERTIFICATE_PERIOD);
}

/** From when to when a certificate holds that a gate gets at `at`; Unix milliseconds. */
export function certificateTime(at: number): { readonly from: number; readonly until: number } {
  const period = certificatePeriod(at);
  return {
    from: period * CERTIFICATE_PERIOD,
    until: (period + 1) * CERTIFICATE_PERIOD + CERTIFICATE_RESERVE,
  };
}

/**
 * As whom a gate shows itself to telephones of a group: a key of its own, made from the group's secret so that none is stored,
 * and a certificate that holds for 400 to 490 days.
 */
export function gateReader(
  storageKey: StorageKey,
  row: AliroKeyRow,
  gateId: GateId,
  at: number,
): AliroKeys["readers"][number] {
  const period = certificatePeriod(at);
  return groupReader(storageKey, row, gateId, { version: row.readerVersion, period, ...certificateTime(at) });
}

/** As whom a desk shows itself to one telephone, from `at` to `until`; Unix milliseconds. */
export function deskReader(
  storageKey: StorageKey,
  row: AliroKeyRow,
  deskId: string,
  { at, until }: { readonly at: number; readonly until: number },
): AliroKeys["readers"][number] {
  // Telephones have clocks of their own.
  const from = at - CLOCK_DOUBT;
  return groupReader(storageKey, row, deskId, { version: row.readerVersion, period: 0, from, until });
}

/** What a reader of a group says it is: the group, and itself. */
export function readerIdentifier(row: AliroKeyRow, readerId: string): Uint8Array {
  return concatBytes(row.identifier ?? new Uint8Array(), uuidBytes(readerId));
}

function groupReader(
  storageKey: StorageKey,
  row: AliroKeyRow,
  readerId: string,
  certified: {
    readonly version: number;
    readonly period: number;
    readonly from: number;
    readonly until: number;
  },
): AliroKeys["readers"][number] {
  const { version, period, from, until } = certified;
  const seed = storageKey.open(row.sealed, contextOf(row.id)).subarray(SCALAR_BYTES);
  const key = readerKey(seed, readerId, version);
  const serial = new Uint8Array(17);
  serial[0] = 1;
  serial.set(uuidBytes(readerId).subarray(0, 8), 1);
  const view = new DataView(serial.buffer);
  view.setUint32(9, version);
  view.setUint32(13, period);
  const certificate = issueReaderCertificate({ sha1 }, signerOf(storageKey, row), {
    serial,
    issuer: toHex(row.identifier ?? new Uint8Array()),
    subject: readerId,
    notBeforeS: Math.floor(from / 1_000),
    notAfterS: Math.ceil(until / 1_000),
    readerPublicKey: key.publicKey,
  });
  return {
    identifier: readerIdentifier(row, readerId),
    secretKey: key.secretKey,
    certificate,
    groupKey: row.publicKey,
  };
}

function readerKey(seed: Uint8Array, readerId: string, version: number): SigningKey {
  for (let draw = 0; ; draw += 1) {
    const info = new TextEncoder().encode(`menshen aliro reader v1 ${version} ${draw}`);
    try {
      return p256FromSecret(hkdfSha256(seed, uuidBytes(readerId), info, SCALAR_BYTES));
    } catch (fault) {
      // One draw in 2^32 is no scalar of the curve.
      if (!(fault instanceof CryptoError) || fault.code !== "bad-key") throw fault;
    }
  }
}

/** Where a secret is sealed: it opens for no other key. */
function contextOf(keyId: string): string {
  return `aliro-key:${keyId}`;
}
