import { type HpkeKey, type SigningKey, signingKeyFromPem, signingKeyToPem } from "@menshen/crypto/node";
import Type, { type Static } from "typebox";

/** The keys that are this gate: they are made here, never leave it, and its certificate names the first. */
export interface DeviceKeys {
  /** P-256: TLS client key and signer of journal batches. */
  readonly deviceKey: SigningKey;
  /** X25519: recipient of keyrings. */
  readonly sealingKey: HpkeKey;
}

export const Base64 = Type.String({ pattern: "^[A-Za-z0-9+/]+={0,2}$" });

/** How the keys stand in a sealed file. */
export const storedDeviceKeys = {
  deviceKeyPem: Type.String(),
  sealingPublicKey: Base64,
  sealingSecretKey: Base64,
};
const StoredDeviceKeys = Type.Object(storedDeviceKeys);
type StoredDeviceKeys = Static<typeof StoredDeviceKeys>;

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

export function storeDeviceKeys({ deviceKey, sealingKey }: DeviceKeys): StoredDeviceKeys {
  return {
    deviceKeyPem: signingKeyToPem(deviceKey),
    sealingPublicKey: toBase64(sealingKey.publicKey),
    sealingSecretKey: toBase64(sealingKey.secretKey),
  };
}

export function restoreDeviceKeys(stored: StoredDeviceKeys): DeviceKeys {
  return {
    deviceKey: signingKeyFromPem(stored.deviceKeyPem),
    sealingKey: {
      publicKey: fromBase64(stored.sealingPublicKey),
      secretKey: fromBase64(stored.sealingSecretKey),
    },
  };
}
