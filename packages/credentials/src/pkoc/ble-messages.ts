import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import { encodeTlv, optionalValue, readTlvMap, requiredValue, type TlvMap } from "../tlv/ber-tlv.ts";
import type { PkocPrimitives } from "./pkoc-primitives.ts";

// Messages of the ECDHE flow of the PKOC BLE Transport Profile 2.0.1 (§5 to §7), as byte strings: how GATT cuts and carries
// them is the radio's matter, and there is no radio here. Types are one byte, lengths as in BER.
//   1 reader -> device   version, reader's ephemeral key, location, site, [reader certificate]
//   2 device -> reader   device's ephemeral key, version
//   3 reader -> device   reader's signature
//   4 device -> reader   sealed: public key, signature, time of last update, version
//   5 reader -> device   outcome

const Type = {
  publicKey: 0x01,
  compressedEphemeral: 0x02,
  signature: 0x03,
  response: 0x04,
  uncompressedEphemeral: 0x07,
  lastUpdate: 0x09,
  version: 0x0c,
  location: 0x0d,
  site: 0x0e,
  readerCertificate: 0x10,
  sealed: 0x40,
} as const;

/** Version 3, no vendor's version, AES-CCM (feature bit 0): what both sides speak here. */
export const PKOC_BLE_VERSION = Uint8Array.of(0x03, 0x00, 0x00, 0x00, 0x01);
const VERSION_BYTES = PKOC_BLE_VERSION.length;
const FEATURE_CCM = 0x01;

/** Longer than any message; refused before anything is read. */
const MAX_MESSAGE_BYTES = 1_024;

/** What a reader answers in the end, by its number on the wire. */
export const PKOC_BLE_STATUS = [
  "unknown",
  "completed",
  "access-denied",
  "access-granted",
  "gcm-failed",
  "invalid-security-status",
  "signature-invalid",
  "ccm-failed",
  "unrecognised",
] as const;
export type PkocBleStatus = (typeof PKOC_BLE_STATUS)[number];

/** Message 1. */
export interface PkocReaderHello {
  readonly version: Uint8Array;
  /** 33 bytes. */
  readonly ephemeralKey: Uint8Array;
  /** Reader location identifier, 16 bytes. */
  readonly locationId: Uint8Array;
  /** Site identifier, 16 bytes. */
  readonly siteId: Uint8Array;
  /** As `readPkocReaderCertificate` takes it. */
  readonly certificate?: Uint8Array;
}

export function encodeReaderHello(hello: PkocReaderHello): Uint8Array {
  return concatBytes(
    encodeTlv(Type.version, hello.version),
    encodeTlv(Type.compressedEphemeral, hello.ephemeralKey),
    encodeTlv(Type.location, hello.locationId),
    encodeTlv(Type.site, hello.siteId),
    hello.certificate === undefined ? new Uint8Array() : encodeTlv(Type.readerCertificate, hello.certificate),
  );
}

/** Throws `CredentialError` `malformed`, as do all readers below. */
export function readReaderHello(message: Uint8Array): PkocReaderHello {
  const objects = cut(message);
  const certificate = optionalValue(objects, Type.readerCertificate);
  return {
    version: requiredValue(objects, Type.version, VERSION_BYTES),
    ephemeralKey: requiredValue(objects, Type.compressedEphemeral, 33),
    locationId: requiredValue(objects, Type.location, 16),
    siteId: requiredValue(objects, Type.site, 16),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** Message 2. */
export interface PkocDeviceHello {
  readonly version: Uint8Array;
  /** 65 bytes. */
  readonly ephemeralKey: Uint8Array;
}

export function encodeDeviceHello(hello: PkocDeviceHello): Uint8Array {
  return concatBytes(
    encodeTlv(Type.uncompressedEphemeral, hello.ephemeralKey),
    encodeTlv(Type.version, hello.version),
  );
}

export function readDeviceHello(message: Uint8Array): PkocDeviceHello {
  const objects = cut(message);
  return {
    version: requiredValue(objects, Type.version, VERSION_BYTES),
    ephemeralKey: requiredValue(objects, Type.uncompressedEphemeral, 65),
  };
}

/** Message 3: 64 bytes of signature. */
export function encodeReaderProof(signature: Uint8Array): Uint8Array {
  return encodeTlv(Type.signature, signature);
}

export function readReaderProof(message: Uint8Array): Uint8Array {
  return requiredValue(cut(message), Type.signature, 64);
}

/** What message 4 seals. */
export interface PkocDeviceCredential {
  /** 65 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** When the device's credential was last changed, Unix seconds. */
  readonly lastUpdateS: number;
  readonly version: Uint8Array;
}

export function encodeDeviceCredential(credential: PkocDeviceCredential): Uint8Array {
  const time = new Uint8Array(4);
  new DataView(time.buffer).setUint32(0, credential.lastUpdateS);
  return concatBytes(
    encodeTlv(Type.publicKey, credential.publicKey),
    encodeTlv(Type.signature, credential.signature),
    encodeTlv(Type.lastUpdate, time),
    encodeTlv(Type.version, credential.version),
  );
}

export function readDeviceCredential(plaintext: Uint8Array): PkocDeviceCredential {
  const objects = cut(plaintext);
  const time = requiredValue(objects, Type.lastUpdate, 4);
  return {
    publicKey: requiredValue(objects, Type.publicKey, 65),
    signature: requiredValue(objects, Type.signature, 64),
    lastUpdateS: new DataView(time.buffer).getUint32(0),
    version: requiredValue(objects, Type.version, VERSION_BYTES),
  };
}

/** Message 4 around what {@link sealPkocBle} made. */
export function encodeSealed(sealed: Uint8Array): Uint8Array {
  return encodeTlv(Type.sealed, sealed);
}

export function readSealed(message: Uint8Array): Uint8Array {
  return requiredValue(cut(message), Type.sealed);
}

/** Message 5. */
export function encodeReaderOutcome(status: PkocBleStatus): Uint8Array {
  return encodeTlv(Type.response, Uint8Array.of(PKOC_BLE_STATUS.indexOf(status)));
}

export function readReaderOutcome(message: Uint8Array): PkocBleStatus {
  const status = PKOC_BLE_STATUS[requiredValue(cut(message), Type.response, 1)[0] ?? -1];
  if (status === undefined) throw new CredentialError("malformed", "expected a known outcome");
  return status;
}

/** Whether the other side speaks AES-CCM; without it there is no flow that this system takes part in. */
export function speaksCcm(version: Uint8Array): boolean {
  return ((version[VERSION_BYTES - 1] ?? 0) & FEATURE_CCM) !== 0;
}

/** What both sides sign: site, reader location, and the x coordinates of both ephemeral keys. */
export function pkocBleTranscript(hello: PkocReaderHello, deviceEphemeral: Uint8Array): Uint8Array {
  const { siteId, locationId, ephemeralKey } = hello;
  return concatBytes(siteId, locationId, deviceEphemeral.subarray(1, 33), ephemeralKey.subarray(1, 33));
}

/** The key of a session: SHA-256 of the ECDH secret. */
export function pkocBleKey(primitives: Pick<PkocPrimitives, "sha256">, ecdhX: Uint8Array): Uint8Array {
  return primitives.sha256(ecdhX);
}

/** Seals a message of the device, which counts from 1. */
export function sealPkocBle(
  primitives: Pick<PkocPrimitives, "aesCcmSeal">,
  key: Uint8Array,
  counter: number,
  plaintext: Uint8Array,
): Uint8Array {
  return primitives.aesCcmSeal(key, nonceOf(counter), plaintext);
}

/** Opens it; `undefined` when it was changed or sealed under another key or counter. */
export function openPkocBle(
  primitives: Pick<PkocPrimitives, "aesCcmOpen">,
  key: Uint8Array,
  counter: number,
  sealed: Uint8Array,
): Uint8Array | undefined {
  return primitives.aesCcmOpen(key, nonceOf(counter), sealed);
}

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(4, 1);
  view.setUint32(8, counter);
  return nonce;
}

function cut(message: Uint8Array): TlvMap {
  if (message.length > MAX_MESSAGE_BYTES) {
    throw new CredentialError("malformed", `expected at most ${MAX_MESSAGE_BYTES} bytes`);
  }
  return readTlvMap(message, "one-byte");
}
