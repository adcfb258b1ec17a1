import { readFileSync, statSync } from "node:fs";
import { POINT_BYTES } from "@menshen/credentials";
import { fromHex, p256Sign, signingKeyFromPem } from "@menshen/crypto/node";
import Type from "typebox";
import { Value } from "typebox/value";
import { GateError } from "../errors.ts";
import type { AliroDoor } from "../tap/phone-reader.ts";

const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });

const IdentityFile = Type.Object(
  {
    /** Group identifier and sub-identifier. */
    reader: Hex(32),
    /** PKCS#8 PEM of the reader's P-256 key. */
    privateKey: Type.String({ maxLength: 2_048 }),
    /** Profile 0000, and the public key of its issuer; the reader's own key is the group's without. */
    certificate: Type.Optional(
      Type.Object(
        { bytes: Type.String({ pattern: "^([0-9a-f]{2}){1,1024}$" }), issuer: Hex(POINT_BYTES) },
        { additionalProperties: false },
      ),
    ),
    /** Whose access documents open doors here, and the element they are asked for. */
    documents: Type.Optional(
      Type.Object(
        {
          issuers: Type.Array(Hex(POINT_BYTES), { minItems: 1, maxItems: 4 }),
          element: Type.String({ minLength: 1, maxLength: 64 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Bits of a file's mode that let others than its owner read or change it. */
const OTHERS = 0o077;

/**
 * Reads who this gate is as an Aliro reader.
 *
 * @throws {GateError} `config-invalid` for a file that is not there, not of the form, or readable by others
 */
export function readAliroIdentity(file: string): AliroDoor {
  const value = readIdentityFile(file);
  try {
    const key = signingKeyFromPem(value.privateKey);
    if (key.alg !== "ES256") throw new GateError("config-invalid", "aliro: expected a P-256 key");
    const signer = {
      publicKey: key.publicKey,
      sign: (message: Uint8Array) => p256Sign(key.secretKey, message),
    };
    const { certificate, documents } = value;
    return {
      identity: {
        identifier: fromHex(value.reader),
        signer,
        ...(certificate === undefined
          ? {}
          : {
              certificate: {
                bytes: fromHex(certificate.bytes),
                issuerPublicKey: fromHex(certificate.issuer),
                sentIn: "load-cert",
              },
            }),
      },
      ...(documents === undefined
        ? {}
        : {
            documents: {
              issuers: documents.issuers.map((key) => fromHex(key)),
              elementId: documents.element,
            },
          }),
    };
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    throw new GateError("config-invalid", "aliro: expected a P-256 key in PEM", { cause });
  }
}

function readIdentityFile(file: string) {
  let value: unknown;
  try {
    if ((statSync(file).mode & OTHERS) !== 0) {
      throw new GateError("config-invalid", "aliro: the identity file is readable by others than its owner");
    }
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    if (cause instanceof GateError) throw cause;
    throw new GateError("config-invalid", "aliro: expected an identity file in JSON", { cause });
  }
  if (Value.Check(IdentityFile, value)) return value;
  // Which value is wrong is said, what it is is not: one of them is a key.
  const [first] = Value.Errors(IdentityFile, value);
  throw new GateError(
    "config-invalid",
    `aliro: the identity file is wrong at \`${first?.instancePath ?? ""}\``,
  );
}
