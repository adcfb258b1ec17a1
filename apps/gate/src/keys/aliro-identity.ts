import { readFileSync, statSync } from "node:fs";
import { type AliroReaderIdentity, POINT_BYTES } from "@menshen/credentials";
import { fromHex, p256FromSecret, p256Sign, signingKeyFromPem } from "@menshen/crypto/node";
import type { AliroKeys } from "@menshen/wire";
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
  },
  { additionalProperties: false },
);

/** Bits of a file's mode that let others than its owner read or change it. */
const OTHERS = 0o077;

/**
 * What this gate is to telephones now: a reader of its community's groups by the keyring in force, and after that the one
 * of its identity file.
 */
export function makeAliroDoor(
  keys: () => AliroKeys | undefined,
  own: AliroReaderIdentity | undefined,
): () => AliroDoor | undefined {
  const known = new WeakMap<AliroKeys, AliroDoor>();
  const others = own === undefined ? [] : [own];
  return () => {
    const current = keys();
    if (current === undefined) return own && { identities: others, documentIssuers: [] };
    const door = known.get(current) ?? {
      identities: [...current.readers.map(readerIdentity), ...others],
      documentIssuers: current.documentIssuers,
      revocations: current.revocations,
    };
    known.set(current, door);
    return door;
  };
}

function readerIdentity(reader: AliroKeys["readers"][number]): AliroReaderIdentity {
  const { identifier, secretKey, certificate, groupKey } = reader;
  return {
    identifier,
    signer: {
      publicKey: p256FromSecret(secretKey).publicKey,
      sign: (message) => p256Sign(secretKey, message),
    },
    certificate: { bytes: certificate, issuerPublicKey: groupKey, sentIn: "load-cert" },
  };
}

/**
 * Reads who this gate is as a reader of a group that is not its community's: telephones that another issuer equipped know it
 * by this. They open what rules let their keys open, and nothing by documents.
 *
 * @throws {GateError} `config-invalid` for a file that is not there, not of the form, or readable by others
 */
export function readAliroIdentity(file: string): AliroReaderIdentity {
  const value = readIdentityFile(file);
  try {
    const key = signingKeyFromPem(value.privateKey);
    if (key.alg !== "ES256") throw new GateError("config-invalid", "aliro: expected a P-256 key");
    const { certificate } = value;
    return {
      identifier: fromHex(value.reader),
      signer: {
        publicKey: key.publicKey,
        sign: (message: Uint8Array) => p256Sign(key.secretKey, message),
      },
      ...(certificate === undefined
        ? {}
        : {
            certificate: {
              bytes: fromHex(certificate.bytes),
              issuerPublicKey: fromHex(certificate.issuer),
              sentIn: "load-cert",
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
