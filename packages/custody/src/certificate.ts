import { concatBytes } from "@menshen/crypto";
import { ascii, ByteReader, unsigned } from "./bytes.ts";
import {
  type CeremonySetup,
  contextsOf,
  encodeSetup,
  epochKeysOf,
  MAX_EPOCH_COUNT,
  readSetup,
  transcriptsOf,
} from "./ceremony-setup.ts";
import { isPossessionProved, type PublicOffer } from "./cocktail.ts";
import type { EpochKey } from "./epoch-key.ts";
import { CustodyError } from "./errors.ts";
import { SCHNORR_BYTES, schnorrVerify } from "./schnorr.ts";
import { MAX_CUSTODIANS } from "./shares.ts";

const MAGIC = "MENSHEN-CUSTODY-CERTIFICATE";
const VERSION = 1;
const EXTENSION_BYTES = 64;
const MAX_BYTES = 4_096 + MAX_EPOCH_COUNT * MAX_CUSTODIANS * (MAX_CUSTODIANS * 32 + 256);

/** What a ceremony leaves behind for anybody to check: the transcripts' parts and everyone's signatures. */
export interface CeremonyCertificate {
  readonly setup: CeremonySetup;
  /** For each custodian, its offer for each epoch. */
  readonly offers: readonly (readonly PublicOffer[])[];
  /** 64 bytes: binds all contributions. */
  readonly extension: Uint8Array;
  /** For each custodian, its signature over each epoch's transcript. */
  readonly signatures: readonly (readonly Uint8Array[])[];
}

/** The keys of a certificate, or the custodians whose proof or signature does not verify. */
export type CertificateVerdict =
  | { readonly valid: true; readonly keys: readonly EpochKey[] }
  | { readonly valid: false; readonly custodians: readonly number[] };

/**
 * Checks a certificate without having been there. It says that the holders of the setup's custodian keys agreed
 * on these epoch keys; who holds those keys must be known from elsewhere.
 */
export function verifyCertificate(certificate: CeremonyCertificate): CertificateVerdict {
  const { setup, offers, extension, signatures } = certificate;
  const contexts = contextsOf(setup);
  const transcripts = transcriptsOf(setup, offers, extension);
  const bad = setup.custodians.flatMap((key, position) => {
    const proved = contexts.every((context, epoch) => {
      const offer = offers[position]?.[epoch];
      return offer !== undefined && isPossessionProved(context, offer);
    });
    const signed = transcripts.every((transcript, epoch) => {
      const signature = signatures[position]?.[epoch];
      return signature !== undefined && schnorrVerify(key, transcript, signature);
    });
    return proved && signed ? [] : [position + 1];
  });
  if (bad.length > 0) return { valid: false, custodians: bad };
  const keys = epochKeysOf(setup, offers);
  return keys === undefined
    ? { valid: false, custodians: setup.custodians.map((_, position) => position + 1) }
    : { valid: true, keys };
}

/**
 * The epoch keys of a certificate that {@link verifyCertificate} found valid before; cheaper, and proves nothing.
 *
 * @throws {CustodyError} `invalid-argument` for one that never was valid
 */
export function keysOfCertificate({ setup, offers }: CeremonyCertificate): readonly EpochKey[] {
  const keys = epochKeysOf(setup, offers);
  if (keys === undefined) throw new CustodyError("invalid-argument", "expected a certificate that is valid");
  return keys;
}

/** The one encoding: header, setup, then per custodian and epoch C, PoP, E and signature, then the extension (64). */
export function encodeCertificate(certificate: CeremonyCertificate): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    encodeSetup(certificate.setup),
    ...certificate.offers.flatMap((ofOne, custodian) =>
      ofOne.flatMap((offer, epoch) => [
        ...offer.commitment.map((element) => element.toBytes()),
        offer.proof,
        offer.ephemeral.toBytes(),
        certificate.signatures[custodian]?.[epoch] ?? new Uint8Array(SCHNORR_BYTES),
      ]),
    ),
    certificate.extension,
  );
}

/**
 * Reads what {@link encodeCertificate} wrote. It does not yet say that the certificate is valid.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseCertificate(bytes: Uint8Array): CeremonyCertificate {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const setup = readSetup(reader);
  const rows = setup.custodians.map(() =>
    Array.from({ length: setup.epochCount }, () => ({
      offer: {
        commitment: reader.elements(setup.threshold.k),
        proof: reader.take(SCHNORR_BYTES),
        ephemeral: reader.element(),
      },
      signature: reader.take(SCHNORR_BYTES),
    })),
  );
  const extension = reader.take(EXTENSION_BYTES);
  reader.end();
  return {
    setup,
    offers: rows.map((row) => row.map(({ offer }) => offer)),
    extension,
    signatures: rows.map((row) => row.map(({ signature }) => signature)),
  };
}
