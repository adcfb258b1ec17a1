import * as nodeCrypto from "node:crypto";
import { promisify } from "node:util";
import { CryptoError } from "../crypto-error.ts";

const MODULUS_BITS = 2_048;
const SALT_BYTES = 48;

/** An issuing key: one for each thing that its signatures stand for, since what they are over is never seen. */
export interface BlindRsaKey {
  /** DER SubjectPublicKeyInfo: what clients and gates get. */
  readonly publicKey: Uint8Array;
  /** DER PKCS #8. */
  readonly secretKey: Uint8Array;
}

/** A new RSA-2048 key pair. Some 50 to 300 ms of a core. */
export function blindRsaGenerate(): BlindRsaKey {
  const pair = nodeCrypto.generateKeyPairSync("rsa", {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return { publicKey: new Uint8Array(pair.publicKey), secretKey: new Uint8Array(pair.privateKey) };
}

/** As {@link blindRsaGenerate}, on another thread: a server goes on meanwhile. */
export async function blindRsaGenerateAside(): Promise<BlindRsaKey> {
  const pair = await promisify(nodeCrypto.generateKeyPair)("rsa", {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return { publicKey: new Uint8Array(pair.publicKey), secretKey: new Uint8Array(pair.privateKey) };
}

/**
 * Signs what a client blinded (RFC 9474 §4.3), checking the result as §4.3 asks: a faulty signature would give the key away.
 *
 * @param blinded as long as the modulus
 * @returns the blind signature, or `undefined` for a number that is not below the modulus or of another length
 * @throws {CryptoError} `bad-key` for a key that is no RSA key
 */
export function blindRsaSign(secretKey: Uint8Array, blinded: Uint8Array): Uint8Array | undefined {
  const key = rsaKey(() =>
    nodeCrypto.createPrivateKey({ key: Buffer.from(secretKey), format: "der", type: "pkcs8" }),
  );
  const padding = nodeCrypto.constants.RSA_NO_PADDING;
  const lengthBytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  if (blinded.length !== lengthBytes) return undefined;
  let signature: Buffer;
  try {
    signature = nodeCrypto.privateDecrypt({ key, padding }, blinded);
  } catch {
    return undefined; // not below the modulus
  }
  const again = nodeCrypto.publicEncrypt({ key: nodeCrypto.createPublicKey(key), padding }, signature);
  if (!again.equals(blinded)) throw new CryptoError("bad-key", "expected a signature that verifies");
  return new Uint8Array(signature);
}

/**
 * Whether `signature` is the key's over `prepared` (RFC 9474 §4.5: RSASSA-PSS with SHA-384 and a salt of 48 bytes). Any
 * malformed part gives `false`.
 */
export function blindRsaVerify(publicKey: Uint8Array, prepared: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = nodeCrypto.createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    if (key.asymmetricKeyType !== "rsa") return false;
    const padding = nodeCrypto.constants.RSA_PKCS1_PSS_PADDING;
    return nodeCrypto.verify("sha384", prepared, { key, padding, saltLength: SALT_BYTES }, signature);
  } catch {
    return false; // no key in these bytes
  }
}

function rsaKey(parse: () => nodeCrypto.KeyObject): nodeCrypto.KeyObject {
  let key: nodeCrypto.KeyObject;
  try {
    key = parse();
  } catch (cause) {
    throw new CryptoError("bad-key", "expected an RSA key", { cause });
  }
  if (key.asymmetricKeyType !== "rsa") throw new CryptoError("bad-key", "expected an RSA key");
  return key;
}
