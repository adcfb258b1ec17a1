import { fromHex, randomBytes, sha256, wipe } from "@menshen/crypto/node";
import { symmetricCheckValue } from "../ceremony.ts";
import { KeyServiceError } from "../errors.ts";
import { byReference, unknownKey } from "../file-key-service.ts";
import {
  CHECK_MESSAGE,
  checkValueOf,
  diversificationMessage,
  KEY_USES,
  type KeyDescription,
  type KeyReference,
  type KeyService,
  type KeyUse,
  referenceText,
  requireMessage,
  requireReference,
  SYMMETRIC_KEY_BYTES,
} from "../key-service.ts";
import { splitKey } from "../key-shares.ts";
import { type Attribute, Cka, Ckk, Ckm, Cko, type CryptokiSession, openCryptoki } from "./cryptoki.ts";

/** Where a token is and what opens it. */
export interface Pkcs11Token {
  /** Path of the PKCS#11 library. */
  readonly library: string;
  /** The token's label. */
  readonly token: string;
  /** The user's PIN. */
  readonly pin: string;
}

/** Begins the label of every object of ours: a token may hold other things. */
const PREFIX = "menshen";
/** prime256v1 as a DER object identifier (RFC 5480 §2.1.1.1). */
const P256 = fromHex("06082a8648ce3d030107");
/** DER octet string around an uncompressed point. */
const POINT_HEADER_BYTES = 2;
const POINT_BYTES = 65;

const encoder = new TextEncoder();

/**
 * Keys in a PKCS#11 token. They are made there or taken in, are marked sensitive and not extractable, and never come out
 * again: a copy of this machine's disk and memory does not hold them, its use of the token still does harm.
 *
 * @throws {KeyServiceError} `token-absent`, `wrong-unlock`, `token-refused`
 */
export function openPkcs11KeyService({ library, token, pin }: Pkcs11Token): KeyService {
  const session = openCryptoki(library, token, pin);
  let open = true;

  const requireOpen = () => {
    if (!open) throw new KeyServiceError("closed", "the key service is closed");
  };
  const handleOf = (reference: KeyReference, use: KeyUse): number => {
    requireOpen();
    requireReference(reference);
    for (const known of KEY_USES) {
      const [handle] = session.find([...identity(reference, known), [Cka.class, classOf(known)]]);
      if (handle === undefined) continue;
      if (known === use) return handle;
      const text = referenceText(reference);
      throw new KeyServiceError("wrong-use", `key \`${text}\`: expected ${use}, is ${known}`);
    }
    throw unknownKey(reference);
  };
  const requireNew = (reference: KeyReference) => {
    requireOpen();
    requireReference(reference);
    const taken = KEY_USES.some((use) => session.find(identity(reference, use)).length > 0);
    if (taken) throw new KeyServiceError("exists", `key \`${referenceText(reference)}\` exists`);
  };

  return {
    async list() {
      requireOpen();
      const found: KeyDescription[] = [];
      for (const objectClass of [Cko.secretKey, Cko.privateKey, Cko.data]) {
        for (const handle of session.find([
          [Cka.class, objectClass],
          [Cka.token, true],
        ])) {
          const label = session.attribute(handle, Cka.label);
          const own = label === undefined ? undefined : parseLabel(new TextDecoder().decode(label));
          if (own !== undefined) found.push(describe(session, own.reference, own.use, handle));
        }
      }
      return found.sort(byReference);
    },
    async create(reference, use) {
      requireNew(reference);
      if (use === "shared") {
        const value = randomBytes(SYMMETRIC_KEY_BYTES);
        const handle = session.createObject(sharedTemplate(reference, value));
        wipe(value);
        return describe(session, reference, use, handle);
      }
      const handle =
        use === "sign"
          ? makePair(session, reference)
          : session.generateKey(Ckm.aesKeyGen, [
              ...secretTemplate(reference, use),
              [Cka.valueLen, SYMMETRIC_KEY_BYTES],
            ]);
      return describe(session, reference, use, handle);
    },
    async take(reference, use, value) {
      if (value.length !== SYMMETRIC_KEY_BYTES) {
        throw new KeyServiceError("bad-argument", `expected a key of ${SYMMETRIC_KEY_BYTES} bytes`);
      }
      requireNew(reference);
      const handle = session.createObject(
        use === "shared"
          ? sharedTemplate(reference, value)
          : [
              [Cka.class, Cko.secretKey],
              [Cka.keyType, Ckk.aes],
              ...secretTemplate(reference, use),
              [Cka.value, value],
            ],
      );
      return describe(session, reference, use, handle);
    },
    async diversify(reference, input) {
      const message = diversificationMessage(input);
      return session.sign(Ckm.aesCmac, handleOf(reference, "diversify"), message);
    },
    async mac(reference, message) {
      requireMessage(message);
      return session.sign(Ckm.aesCmac, handleOf(reference, "mac"), message);
    },
    async sign(reference, message) {
      requireMessage(message);
      return session.sign(Ckm.ecdsa, handleOf(reference, "sign"), sha256(message));
    },
    async reveal(reference) {
      return sharedValue(session, handleOf(reference, "shared"));
    },
    async export(reference, into) {
      requireOpen();
      requireReference(reference);
      const known = KEY_USES.find((use) => session.find(identity(reference, use)).length > 0);
      if (known === undefined) throw unknownKey(reference);
      if (known === "sign") throw new KeyServiceError("wrong-use", "expected a symmetric key");
      if (known !== "shared") {
        throw new KeyServiceError(
          "not-exportable",
          "a key never comes out of a token: export at its ceremony",
        );
      }
      const value = sharedValue(session, handleOf(reference, known));
      try {
        return await splitKey(value, { reference, use: known }, into);
      } finally {
        wipe(value);
      }
    },
    access: () => ({ backEnd: "pkcs11", library, token, pin }),
    async destroy(reference) {
      requireOpen();
      requireReference(reference);
      const handles = KEY_USES.flatMap((use) => session.find(identity(reference, use)));
      if (handles.length === 0) throw unknownKey(reference);
      for (const handle of handles) session.destroyObject(handle);
    },
    async close() {
      if (open) session.close();
      open = false;
    },
  };
}

function identity(reference: KeyReference, use: KeyUse): readonly Attribute[] {
  return [[Cka.label, encoder.encode(`${PREFIX}:${use}:${referenceText(reference)}`)]];
}

function classOf(use: KeyUse): number {
  if (use === "shared") return Cko.data;
  return use === "sign" ? Cko.privateKey : Cko.secretKey;
}

/** A private data object: the token shows it to its user alone, and is asked to compute nothing with it. */
function sharedTemplate(reference: KeyReference, value: Uint8Array): readonly Attribute[] {
  return [
    [Cka.class, Cko.data],
    ...identity(reference, "shared"),
    [Cka.token, true],
    [Cka.private, true],
    [Cka.modifiable, false],
    [Cka.value, value],
  ];
}

function sharedValue(session: CryptokiSession, handle: number): Uint8Array {
  const value = session.attribute(handle, Cka.value);
  if (value?.length === SYMMETRIC_KEY_BYTES) return value;
  throw new KeyServiceError("malformed", `expected the token to hold ${SYMMETRIC_KEY_BYTES} bytes`);
}

function parseLabel(label: string): { readonly reference: KeyReference; readonly use: KeyUse } | undefined {
  const [, useText, name, version] = /^menshen:([a-z]+):([a-z0-9-]{1,40}):(\d{1,3})$/.exec(label) ?? [];
  const use = KEY_USES.find((known) => known === useText);
  if (use === undefined || name === undefined || version === undefined) return undefined;
  return { reference: { name, version: Number(version) }, use };
}

/** Good for CMAC and for nothing else: a key that could also decipher would give its codes away. */
function secretTemplate(reference: KeyReference, use: KeyUse): readonly Attribute[] {
  return [
    ...identity(reference, use),
    [Cka.token, true],
    [Cka.private, true],
    [Cka.sensitive, true],
    [Cka.extractable, false],
    [Cka.modifiable, false],
    [Cka.sign, true],
    [Cka.verify, false],
    [Cka.encrypt, false],
    [Cka.decrypt, false],
    [Cka.wrap, false],
    [Cka.unwrap, false],
    [Cka.derive, false],
  ];
}

function makePair(session: CryptokiSession, reference: KeyReference): number {
  const label = identity(reference, "sign");
  const { privateKey } = session.generateKeyPair(
    Ckm.ecKeyPairGen,
    [...label, [Cka.token, true], [Cka.verify, true], [Cka.ecParams, P256]],
    [
      ...label,
      [Cka.token, true],
      [Cka.private, true],
      [Cka.sensitive, true],
      [Cka.extractable, false],
      [Cka.modifiable, false],
      [Cka.sign, true],
      [Cka.decrypt, false],
      [Cka.unwrap, false],
      [Cka.derive, false],
    ],
  );
  return privateKey;
}

function describe(
  session: CryptokiSession,
  reference: KeyReference,
  use: KeyUse,
  handle: number,
): KeyDescription {
  if (use === "shared") {
    const value = sharedValue(session, handle);
    const checkValue = symmetricCheckValue(value);
    wipe(value);
    return { reference, use, checkValue };
  }
  if (use !== "sign") {
    return { reference, use, checkValue: checkValueOf(session.sign(Ckm.aesCmac, handle, CHECK_MESSAGE)) };
  }
  const [publicHandle] = session.find([...identity(reference, use), [Cka.class, Cko.publicKey]]);
  const wrapped = publicHandle === undefined ? undefined : session.attribute(publicHandle, Cka.ecPoint);
  const publicKey = wrapped?.slice(POINT_HEADER_BYTES);
  if (publicKey?.length !== POINT_BYTES) {
    throw new KeyServiceError(
      "malformed",
      "expected the token to hold the public key beside the private one",
    );
  }
  return { reference, use, publicKey, checkValue: checkValueOf(sha256(publicKey)) };
}
