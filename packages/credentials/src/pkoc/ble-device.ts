import { wipe } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import {
  encodeDeviceCredential,
  encodeDeviceHello,
  encodeSealed,
  PKOC_BLE_VERSION,
  type PkocBleStatus,
  type PkocReaderHello,
  pkocBleKey,
  pkocBleTranscript,
  readReaderHello,
  readReaderOutcome,
  readReaderProof,
  sealPkocBle,
  speaksCcm,
} from "./ble-messages.ts";
import type { PkocKeyPair, PkocPrimitives } from "./pkoc-primitives.ts";
import { checkPkocReaderCertificate, type PkocReaderCertificateRefusal } from "./reader-certificate.ts";

/**
 * Whom a device shows itself to at one reader: whoever holds the site's shared key, or a reader with a certificate of the
 * site's issuer. A site that has an issuer is never talked down to the shared key.
 */
export type PkocSiteTrust = { readonly siteKey: Uint8Array } | { readonly issuerKey: Uint8Array };

/** One device, for one connection. */
export interface PkocBleDeviceOptions {
  readonly primitives: PkocPrimitives;
  readonly credential: PkocKeyPair;
  /** What is enrolled for a site (16 bytes) and a reader location (16 bytes); `undefined` for strangers. */
  readonly trustFor: (siteId: Uint8Array, locationId: Uint8Array) => PkocSiteTrust | undefined;
  /** Fresh for this connection, never used again. */
  readonly ephemeral: PkocKeyPair;
  /** When the credential was last changed, Unix seconds. */
  readonly lastUpdateS: number;
  /** The device's time, Unix seconds, for the validity of certificates. */
  readonly nowS: number;
}

/**
 * Why the device said no more:
 * - `unknown-reader`: site or location are not enrolled;
 * - `reader-certificate-…`: missing where the site has an issuer, or not believed;
 * - `reader-signature`: message 3 is not signed by the reader's key;
 * - `version`, `ephemeral-key`, `malformed`, `out-of-order`: as on the reader's side.
 */
export type PkocBleDeviceRefusal =
  | "unknown-reader"
  | "reader-certificate-missing"
  | PkocReaderCertificateRefusal
  | "reader-signature"
  | "version"
  | "ephemeral-key"
  | "malformed"
  | "out-of-order";

/** What a message of the reader led to. */
export type PkocBleDeviceStep =
  | { readonly outcome: "send"; readonly message: Uint8Array }
  | { readonly outcome: "finished"; readonly status: PkocBleStatus }
  | { readonly outcome: "stopped"; readonly reason: PkocBleDeviceRefusal };

/** The device's side of one connection. */
export interface PkocBleDevice {
  /** Takes messages 1, 3 and 5, in that order; once stopped it stays so. Never throws. */
  readonly receive: (message: Uint8Array) => PkocBleDeviceStep;
}

/** The device in the ECDHE flow: its identity leaves it only when the reader has proved itself, and sealed to it. */
export function makePkocBleDevice(options: PkocBleDeviceOptions): PkocBleDevice {
  const { primitives, credential, ephemeral } = options;
  let awaited: "hello" | "proof" | "outcome" | "nothing" = "hello";
  let readerKey = new Uint8Array();
  let transcript = new Uint8Array();
  let key = new Uint8Array();

  function onHello(message: Uint8Array): PkocBleDeviceStep {
    const hello = readReaderHello(message);
    if (!speaksCcm(hello.version)) return stop("version");
    const trusted = readerKeyOf(hello);
    if ("refusal" in trusted) return stop(trusted.refusal);
    const theirs = primitives.p256Decompress(hello.ephemeralKey);
    const ecdhX = theirs === undefined ? undefined : primitives.p256Agree(ephemeral.secretKey, theirs);
    if (ecdhX === undefined) return stop("ephemeral-key");
    readerKey = trusted.publicKey.slice();
    transcript = pkocBleTranscript(hello, ephemeral.publicKey).slice();
    key = pkocBleKey(primitives, ecdhX).slice();
    wipe(ecdhX);
    awaited = "proof";
    const answer = encodeDeviceHello({ version: PKOC_BLE_VERSION, ephemeralKey: ephemeral.publicKey });
    return { outcome: "send", message: answer };
  }

  function readerKeyOf(
    hello: PkocReaderHello,
  ): { readonly publicKey: Uint8Array } | { readonly refusal: PkocBleDeviceRefusal } {
    const { siteId, locationId, certificate } = hello;
    const trust = options.trustFor(siteId, locationId);
    if (trust === undefined) return { refusal: "unknown-reader" };
    if ("siteKey" in trust) return { publicKey: trust.siteKey };
    if (certificate === undefined) return { refusal: "reader-certificate-missing" };
    const expected = { siteId, locationId, issuerKey: trust.issuerKey, nowS: options.nowS };
    return checkPkocReaderCertificate(primitives, certificate, expected);
  }

  function onProof(message: Uint8Array): PkocBleDeviceStep {
    if (!primitives.p256Verify(readerKey, transcript, readReaderProof(message))) {
      return stop("reader-signature");
    }
    const plaintext = encodeDeviceCredential({
      publicKey: credential.publicKey,
      signature: primitives.p256Sign(credential.secretKey, transcript),
      lastUpdateS: options.lastUpdateS,
      version: PKOC_BLE_VERSION,
    });
    const sealed = sealPkocBle(primitives, key, 1, plaintext);
    wipe(key);
    awaited = "outcome";
    return { outcome: "send", message: encodeSealed(sealed) };
  }

  function stop(reason: PkocBleDeviceRefusal): PkocBleDeviceStep {
    awaited = "nothing";
    wipe(key);
    return { outcome: "stopped", reason };
  }

  return {
    receive(message) {
      try {
        if (awaited === "hello") return onHello(message);
        if (awaited === "proof") return onProof(message);
        if (awaited === "nothing") return stop("out-of-order");
        const status = readReaderOutcome(message);
        awaited = "nothing";
        return { outcome: "finished", status };
      } catch (error) {
        if (error instanceof CredentialError && error.code === "malformed") return stop("malformed");
        throw error;
      }
    },
  };
}
