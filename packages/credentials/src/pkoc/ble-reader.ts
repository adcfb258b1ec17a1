import { p256Compress, wipe } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";
import {
  encodeReaderHello,
  encodeReaderOutcome,
  encodeReaderProof,
  openPkocBle,
  PKOC_BLE_VERSION,
  type PkocBleStatus,
  pkocBleKey,
  pkocBleTranscript,
  readDeviceCredential,
  readDeviceHello,
  readSealed,
  speaksCcm,
} from "./ble-messages.ts";
import type { PkocKeyPair, PkocPrimitives } from "./pkoc-primitives.ts";

/** One reader of one site, for one connection. */
export interface PkocBleReaderOptions {
  readonly primitives: PkocPrimitives;
  /** 16 bytes each. */
  readonly siteId: Uint8Array;
  readonly locationId: Uint8Array;
  /** What the reader proves itself with, 32 bytes: the site's key, or its own with a certificate. */
  readonly signingKey: Uint8Array;
  /** Certificate of the reader's own key (`issuePkocReaderCertificate`). */
  readonly certificate?: Uint8Array;
  /** Fresh for this connection, never used again. */
  readonly ephemeral: PkocKeyPair;
}

/**
 * - `out-of-order`: a message after the end, or a second time;
 * - `version`: the device does not speak AES-CCM;
 * - `ephemeral-key`: not a point of the curve;
 * - `sealed`: the credential does not open;
 * - `signature`: it opens, and its signature is not that of its key over this connection;
 * - `malformed`: a message out of form.
 */
export type PkocBleReaderRefusal =
  | "out-of-order"
  | "version"
  | "ephemeral-key"
  | "sealed"
  | "signature"
  | "malformed";

/** What a message of the device led to. */
export type PkocBleReaderStep =
  | { readonly outcome: "send"; readonly message: Uint8Array }
  | {
      readonly outcome: "authentic";
      /** 65 bytes: the key that signed site, reader and both ephemeral keys. */
      readonly publicKey: Uint8Array;
      readonly lastUpdateS: number;
    }
  | {
      readonly outcome: "refused";
      readonly reason: PkocBleReaderRefusal;
      /** What to tell the device before the connection ends. */
      readonly message: Uint8Array;
    };

/** The reader's side of one connection. */
export interface PkocBleReader {
  /** Message 1: sent when the device has connected. */
  readonly hello: Uint8Array;
  /** Takes messages 2 and 4, in that order; whatever is refused ends the connection for good. Never throws. */
  readonly receive: (message: Uint8Array) => PkocBleReaderStep;
  /** Message 5, when the gate has decided. */
  readonly outcome: (granted: boolean) => Uint8Array;
}

const statusOf: Readonly<Record<PkocBleReaderRefusal, PkocBleStatus>> = {
  "out-of-order": "invalid-security-status",
  version: "invalid-security-status",
  "ephemeral-key": "invalid-security-status",
  sealed: "ccm-failed",
  signature: "signature-invalid",
  malformed: "unrecognised",
};

/**
 * The reader in the ECDHE flow: it proves itself first, and the device's identity travels sealed. Grade B: the device's
 * signature covers site, reader and both ephemeral keys, so that it holds at this reader and now.
 */
export function makePkocBleReader(options: PkocBleReaderOptions): PkocBleReader {
  const { primitives, siteId, locationId, signingKey, certificate, ephemeral } = options;
  const hello = {
    version: PKOC_BLE_VERSION,
    ephemeralKey: p256Compress(ephemeral.publicKey),
    locationId,
    siteId,
    ...(certificate === undefined ? {} : { certificate }),
  };
  let awaited: "hello" | "credential" | "nothing" = "hello";
  let transcript = new Uint8Array();
  let key = new Uint8Array();

  function onHello(message: Uint8Array): PkocBleReaderStep {
    const device = readDeviceHello(message);
    if (!speaksCcm(device.version)) return refuse("version");
    const ecdhX = primitives.p256Agree(ephemeral.secretKey, device.ephemeralKey);
    if (ecdhX === undefined) return refuse("ephemeral-key");
    transcript = pkocBleTranscript(hello, device.ephemeralKey).slice();
    key = pkocBleKey(primitives, ecdhX).slice();
    wipe(ecdhX);
    awaited = "credential";
    return { outcome: "send", message: encodeReaderProof(primitives.p256Sign(signingKey, transcript)) };
  }

  function onCredential(message: Uint8Array): PkocBleReaderStep {
    const plaintext = openPkocBle(primitives, key, 1, readSealed(message));
    if (plaintext === undefined) return refuse("sealed");
    const { publicKey, signature, lastUpdateS } = readDeviceCredential(plaintext);
    const signed =
      primitives.isP256Point(publicKey) && primitives.p256Verify(publicKey, transcript, signature);
    if (!signed) return refuse("signature");
    end();
    return { outcome: "authentic", publicKey, lastUpdateS };
  }

  function end(): void {
    awaited = "nothing";
    wipe(key);
  }

  function refuse(reason: PkocBleReaderRefusal): PkocBleReaderStep {
    end();
    return { outcome: "refused", reason, message: encodeReaderOutcome(statusOf[reason]) };
  }

  return {
    hello: encodeReaderHello(hello),
    receive(message) {
      try {
        if (awaited === "hello") return onHello(message);
        return awaited === "credential" ? onCredential(message) : refuse("out-of-order");
      } catch (error) {
        if (error instanceof CredentialError && error.code === "malformed") return refuse("malformed");
        throw error;
      }
    },
    outcome: (granted) => encodeReaderOutcome(granted ? "access-granted" : "access-denied"),
  };
}
