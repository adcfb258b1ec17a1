import { concatBytes, ed25519Sign, ed25519Verify, sha512 } from "@menshen/crypto";
import { ascii, unsigned } from "./bytes.ts";
import { type CeremonySetup, encodeSetup } from "./ceremony-setup.ts";
import { type CertificateVerdict, parseCertificate, verifyCertificate } from "./certificate.ts";
import type { CustodianSet } from "./custodian-set.ts";
import type { EpochKey } from "./epoch-key.ts";

const MAGIC = "MENSHEN-CUSTODY-VOUCH";
const VERSION = 1;

/**
 * A custodian's word that the keys of a ceremony's setup are those it saw at the table, its own among them. Joins the
 * ceremony's one-time keys to the bodies.
 *
 * @param secretKey the 32-byte seed of its identity key
 * @returns Ed25519 signature, 64 bytes
 */
export function vouchFor(secretKey: Uint8Array, setup: CeremonySetup): Uint8Array {
  return ed25519Sign(secretKey, vouchMessage(setup));
}

/** Whether the holder of this identity key vouched for the setup. Anything malformed gives `false`. */
export function verifyVouch(identityKey: Uint8Array, setup: CeremonySetup, vouch: Uint8Array): boolean {
  return ed25519Verify(identityKey, vouchMessage(setup), vouch);
}

/** The epoch keys of a ceremony, or who stands in the way. */
export type VouchedVerdict =
  | { readonly valid: true; readonly setup: CeremonySetup; readonly keys: readonly EpochKey[] }
  | {
      readonly valid: false;
      readonly reason: "other-threshold" | "not-vouched" | "not-agreed";
      /** Indices from 1; empty for `other-threshold`. */
      readonly custodians: readonly number[];
    };

/**
 * Checks a ceremony's certificate against the custodians that should have held it: same k and n, each vouched for
 * the keys (`not-vouched` names who did not), each proved and signed its part (`not-agreed`).
 *
 * @param vouches one for each member of the set, in order
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version` for the certificate's bytes
 */
export function verifyVouchedCertificate(
  set: CustodianSet,
  certificate: Uint8Array,
  vouches: readonly Uint8Array[],
): VouchedVerdict {
  const parsed = parseCertificate(certificate);
  const { setup } = parsed;
  if (setup.threshold.k !== set.threshold || setup.threshold.n !== set.members.length) {
    return { valid: false, reason: "other-threshold", custodians: [] };
  }
  const silent = set.members.flatMap(({ identityKey }, position) => {
    const vouch = vouches[position];
    return vouch !== undefined && verifyVouch(identityKey, setup, vouch) ? [] : [position + 1];
  });
  if (silent.length > 0) return { valid: false, reason: "not-vouched", custodians: silent };
  const verdict: CertificateVerdict = verifyCertificate(parsed);
  return verdict.valid
    ? { valid: true, setup, keys: verdict.keys }
    : { valid: false, reason: "not-agreed", custodians: verdict.custodians };
}

function vouchMessage(setup: CeremonySetup): Uint8Array {
  return concatBytes(ascii(MAGIC), unsigned(VERSION, 1), sha512(encodeSetup(setup)));
}
