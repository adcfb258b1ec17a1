import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const FLAG_USER_PRESENT = 0x01;
const FLAG_USER_VERIFIED = 0x04;
const FLAG_ATTESTED = 0x40;

/** A passkey in software: answers like a browser with an authenticator that verified its user (WebAuthn Level 2 §6). */
export interface VirtualAuthenticator {
  readonly create: (options: unknown) => Record<string, unknown>;
  readonly get: (options: unknown, overrides?: { readonly origin?: string }) => Record<string, unknown>;
}

export function makeVirtualAuthenticator(rpId: string, origin: string): VirtualAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const id = randomBytes(16);
  let signCount = 0;

  function authenticatorData(flags: number, attested: Uint8Array = new Uint8Array()): Buffer {
    const head = Buffer.alloc(37);
    createHash("sha256").update(rpId).digest().copy(head, 0);
    head[32] = flags;
    head.writeUInt32BE(++signCount, 33);
    return Buffer.concat([head, attested]);
  }

  function clientData(type: string, options: unknown, from: string): Buffer {
    const challenge = Reflect.get(Object(options), "challenge");
    return Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }));
  }

  const common = { id: id.toString("base64url"), rawId: id.toString("base64url"), type: "public-key" };
  return {
    create(options) {
      // COSE_Key: kty EC2, alg ES256, crv P-256, x, y (RFC 9053 §7.1.1).
      const coseKey = Buffer.concat([
        Buffer.from("a5010203262001215820", "hex"),
        Buffer.from(jwk.x ?? "", "base64url"),
        Buffer.from("225820", "hex"),
        Buffer.from(jwk.y ?? "", "base64url"),
      ]);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseKey]);
      const data = authenticatorData(FLAG_USER_PRESENT | FLAG_USER_VERIFIED | FLAG_ATTESTED, attested);
      const attestation = Buffer.concat([
        // {"fmt": "none", "attStmt": {}, "authData": …}, text keys in CTAP2's canonical order.
        Buffer.from([0xa3, 0x63]),
        Buffer.from("fmt"),
        Buffer.from([0x64]),
        Buffer.from("none"),
        Buffer.from([0x67]),
        Buffer.from("attStmt"),
        Buffer.from([0xa0, 0x68]),
        Buffer.from("authData"),
        Buffer.from([0x58, data.length]),
        data,
      ]);
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData("webauthn.create", options, origin).toString("base64url"),
          attestationObject: attestation.toString("base64url"),
          transports: ["internal"],
        },
      };
    },
    get(options, overrides = {}) {
      const data = authenticatorData(FLAG_USER_PRESENT | FLAG_USER_VERIFIED);
      const client = clientData("webauthn.get", options, overrides.origin ?? origin);
      const signed = Buffer.concat([data, createHash("sha256").update(client).digest()]);
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString("base64url"),
          authenticatorData: data.toString("base64url"),
          signature: sign("sha256", signed, privateKey).toString("base64url"),
        },
      };
    },
  };
}
