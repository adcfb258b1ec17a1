import koffi from "koffi";
import { KeyServiceError } from "../errors.ts";

// The part of Cryptoki (PKCS#11 v2.40) that this package calls, through the library's own C functions. CK_ULONG is the
// platform's unsigned long; structures have natural alignment, as on every system but Windows.

/** CKR_…: return values that are looked at. */
export const Ckr = {
  ok: 0x000,
  pinIncorrect: 0x0a0,
  pinLengthRange: 0x0a2,
  pinLocked: 0x0a4,
  userAlreadyLoggedIn: 0x100,
  cryptokiAlreadyInitialized: 0x191,
} as const;

/** CKA_… */
export const Cka = {
  class: 0x000,
  token: 0x001,
  private: 0x002,
  label: 0x003,
  value: 0x011,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  wrap: 0x106,
  unwrap: 0x107,
  sign: 0x108,
  verify: 0x10a,
  derive: 0x10c,
  valueLen: 0x161,
  extractable: 0x162,
  modifiable: 0x170,
  ecParams: 0x180,
  ecPoint: 0x181,
} as const;

/** CKO_… and CKK_… */
export const Cko = { data: 0, publicKey: 2, privateKey: 3, secretKey: 4 } as const;
export const Ckk = { ec: 0x03, aes: 0x1f } as const;
/** CKM_… */
export const Ckm = { ecKeyPairGen: 0x1040, ecdsa: 0x1041, aesKeyGen: 0x1080, aesCmac: 0x108a } as const;

/** An attribute: bytes, a flag, or a number. */
export type Attribute = readonly [type: number, value: Uint8Array | boolean | number];

/** A token's session in the terms of this package. All calls are synchronous: a token answers within milliseconds. */
export interface CryptokiSession {
  /** Handles of all objects that have these attributes. */
  find(template: readonly Attribute[]): readonly number[];
  /** One attribute's bytes; `undefined` when the object does not tell it. */
  attribute(handle: number, type: number): Uint8Array | undefined;
  createObject(template: readonly Attribute[]): number;
  generateKey(mechanism: number, template: readonly Attribute[]): number;
  generateKeyPair(
    mechanism: number,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): { readonly publicKey: number; readonly privateKey: number };
  sign(mechanism: number, handle: number, message: Uint8Array): Uint8Array;
  destroyObject(handle: number): void;
  /** Ends the session. May be called more than once. */
  close(): void;
}

const MECHANISM = koffi.struct("CK_MECHANISM", {
  mechanism: "unsigned long",
  pParameter: "void *",
  ulParameterLen: "unsigned long",
});
const ATTRIBUTE = koffi.struct("CK_ATTRIBUTE", {
  type: "unsigned long",
  pValue: "void *",
  ulValueLen: "unsigned long",
});

// Named in a declaration below.
koffi.struct("CK_C_INITIALIZE_ARGS", {
  createMutex: "void *",
  destroyMutex: "void *",
  lockMutex: "void *",
  unlockMutex: "void *",
  flags: "unsigned long",
  reserved: "void *",
});
/** CKF_OS_LOCKING_OK: several threads of this process call the library. */
const OS_LOCKING_OK = 0x02;

const RW_USER_SESSION = 0x02 | 0x04;
const USER = 1;
const TOKEN_PRESENT = 1;
const MAX_SLOTS = 64;
const MAX_FOUND = 4_096;
/** CK_TOKEN_INFO: its first 32 bytes are the label, filled up with spaces. */
const TOKEN_INFO_BYTES = 512;
const LABEL_BYTES = 32;
const MAX_SIGNATURE_BYTES = 512;
const MAX_ATTRIBUTE_BYTES = 4_096;
const ULONG_BYTES = koffi.sizeof("unsigned long");

function bind(libraryPath: string) {
  try {
    const library = koffi.load(libraryPath);
    const fn = (declaration: string) => library.func(`unsigned long ${declaration}`);
    return {
      initialize: fn("C_Initialize(CK_C_INITIALIZE_ARGS *args)"),
      getSlotList: fn(
        "C_GetSlotList(uint8_t present, _Out_ unsigned long *slots, _Inout_ unsigned long *count)",
      ),
      getTokenInfo: fn("C_GetTokenInfo(unsigned long slot, _Out_ uint8_t *info)"),
      openSession: fn(
        "C_OpenSession(unsigned long slot, unsigned long flags, void *application, void *notify, _Out_ unsigned long *session)",
      ),
      closeSession: fn("C_CloseSession(unsigned long session)"),
      login: fn(
        "C_Login(unsigned long session, unsigned long user, const uint8_t *pin, unsigned long pinLength)",
      ),
      findInit: fn("C_FindObjectsInit(unsigned long session, CK_ATTRIBUTE *template, unsigned long count)"),
      find: fn(
        "C_FindObjects(unsigned long session, _Out_ unsigned long *handles, unsigned long most, _Out_ unsigned long *count)",
      ),
      findFinal: fn("C_FindObjectsFinal(unsigned long session)"),
      getAttribute: fn(
        "C_GetAttributeValue(unsigned long session, unsigned long handle, _Inout_ CK_ATTRIBUTE *template, unsigned long count)",
      ),
      createObject: fn(
        "C_CreateObject(unsigned long session, CK_ATTRIBUTE *template, unsigned long count, _Out_ unsigned long *handle)",
      ),
      generateKey: fn(
        "C_GenerateKey(unsigned long session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *template, unsigned long count, _Out_ unsigned long *handle)",
      ),
      generateKeyPair: fn(
        "C_GenerateKeyPair(unsigned long session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *publicTemplate, unsigned long publicCount, CK_ATTRIBUTE *privateTemplate, unsigned long privateCount, _Out_ unsigned long *publicKey, _Out_ unsigned long *privateKey)",
      ),
      signInit: fn("C_SignInit(unsigned long session, CK_MECHANISM *mechanism, unsigned long handle)"),
      sign: fn(
        "C_Sign(unsigned long session, const uint8_t *data, unsigned long length, _Out_ uint8_t *signature, _Inout_ unsigned long *signatureLength)",
      ),
      destroyObject: fn("C_DestroyObject(unsigned long session, unsigned long handle)"),
    };
  } catch (cause) {
    throw new KeyServiceError("token-absent", "expected a PKCS#11 library that exports its functions", {
      cause,
    });
  }
}

type Library = ReturnType<typeof bind>;
const libraries = new Map<string, Library>();

/**
 * Opens a session as the token's user.
 *
 * @param libraryPath of a PKCS#11 library, e.g. `/usr/lib/softhsm/libsofthsm2.so`
 * @throws {KeyServiceError} `token-absent`, `wrong-unlock` for a wrong or locked PIN, `token-refused`
 */
export function openCryptoki(libraryPath: string, tokenLabel: string, pin: string): CryptokiSession {
  const library = libraries.get(libraryPath) ?? bind(libraryPath);
  if (!libraries.has(libraryPath)) {
    const noMutex = { createMutex: null, destroyMutex: null, lockMutex: null, unlockMutex: null };
    const reason = Number(library.initialize({ ...noMutex, flags: OS_LOCKING_OK, reserved: null }));
    if (reason !== Ckr.cryptokiAlreadyInitialized) requireOk(reason);
    libraries.set(libraryPath, library);
  }
  const session = openSession(library, slotOf(library, tokenLabel));
  const bytes = new TextEncoder().encode(pin);
  const reason = Number(library.login(session, USER, bytes, bytes.length));
  bytes.fill(0);
  if (reason !== Ckr.ok && reason !== Ckr.userAlreadyLoggedIn) {
    library.closeSession(session);
    if (reason === Ckr.pinIncorrect || reason === Ckr.pinLengthRange || reason === Ckr.pinLocked) {
      throw new KeyServiceError("wrong-unlock", "the token does not take this PIN", { reason });
    }
    throw refused(reason);
  }
  return sessionOver(library, session);
}

function sessionOver(library: Library, session: number): CryptokiSession {
  let open = true;
  const handleOut = () => [0];
  return {
    find(template) {
      requireOk(library.findInit(session, native(template), template.length));
      try {
        const handles = new BigUint64Array(MAX_FOUND);
        const count = [0];
        requireOk(library.find(session, ulongs(handles), MAX_FOUND, count));
        return Array.from(handles.subarray(0, Number(count[0])), Number);
      } finally {
        library.findFinal(session);
      }
    },
    attribute(handle, type) {
      const value = new Uint8Array(MAX_ATTRIBUTE_BYTES);
      const asked = [{ type, pValue: value, ulValueLen: value.length }];
      if (Number(library.getAttribute(session, handle, asked, 1)) !== Ckr.ok) return undefined;
      const lengthBytes = Number(asked[0]?.ulValueLen);
      return lengthBytes <= value.length ? value.slice(0, lengthBytes) : undefined;
    },
    createObject(template) {
      const handle = handleOut();
      requireOk(library.createObject(session, native(template), template.length, handle));
      return Number(handle[0]);
    },
    generateKey(mechanism, template) {
      const handle = handleOut();
      requireOk(library.generateKey(session, plain(mechanism), native(template), template.length, handle));
      return Number(handle[0]);
    },
    generateKeyPair(mechanism, publicTemplate, privateTemplate) {
      const [publicKey, privateKey] = [handleOut(), handleOut()];
      requireOk(
        library.generateKeyPair(
          session,
          plain(mechanism),
          native(publicTemplate),
          publicTemplate.length,
          native(privateTemplate),
          privateTemplate.length,
          publicKey,
          privateKey,
        ),
      );
      return { publicKey: Number(publicKey[0]), privateKey: Number(privateKey[0]) };
    },
    sign(mechanism, handle, message) {
      requireOk(library.signInit(session, plain(mechanism), handle));
      const signature = new Uint8Array(MAX_SIGNATURE_BYTES);
      const length = [signature.length];
      // An empty message still needs an address.
      const data = message.length === 0 ? Uint8Array.of(0) : message;
      requireOk(library.sign(session, data, message.length, signature, length));
      return signature.slice(0, Number(length[0]));
    },
    destroyObject(handle) {
      requireOk(library.destroyObject(session, handle));
    },
    close() {
      // Other sessions of this process may still be logged in on the token: only this one ends.
      if (open) library.closeSession(session);
      open = false;
    },
  };
}

function slotOf(library: Library, tokenLabel: string): number {
  const slots = new BigUint64Array(MAX_SLOTS);
  const count = [MAX_SLOTS];
  requireOk(library.getSlotList(TOKEN_PRESENT, ulongs(slots), count));
  for (const slot of slots.subarray(0, Number(count[0]))) {
    const info = new Uint8Array(TOKEN_INFO_BYTES);
    if (Number(library.getTokenInfo(slot, info)) !== Ckr.ok) continue;
    if (new TextDecoder().decode(info.subarray(0, LABEL_BYTES)).trimEnd() === tokenLabel) return Number(slot);
  }
  throw new KeyServiceError("token-absent", "there is no token of that label");
}

function openSession(library: Library, slot: number): number {
  const session = [0];
  requireOk(library.openSession(slot, RW_USER_SESSION, null, null, session));
  return Number(session[0]);
}

function plain(mechanism: number) {
  return koffi.as({ mechanism, pParameter: null, ulParameterLen: 0 }, koffi.pointer(MECHANISM));
}

/** Attributes as the library reads them; the bytes stay where they are for the length of the call. */
function native(template: readonly Attribute[]) {
  const values = template.map(([type, value]) => {
    const bytes = attributeBytes(value);
    return { type, pValue: bytes, ulValueLen: bytes.length };
  });
  return koffi.as(values, koffi.pointer(ATTRIBUTE));
}

function attributeBytes(value: Uint8Array | boolean | number): Uint8Array {
  if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
  if (typeof value !== "number") return value;
  const bytes = new Uint8Array(ULONG_BYTES);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function ulongs(array: BigUint64Array): BigUint64Array {
  if (ULONG_BYTES !== 8) throw new KeyServiceError("token-absent", "expected a 64-bit system");
  return array;
}

function requireOk(reason: unknown): void {
  if (Number(reason) !== Ckr.ok) throw refused(Number(reason));
}

function refused(reason: number): KeyServiceError {
  const text = `the token refused with 0x${reason.toString(16)}`;
  return new KeyServiceError("token-refused", text, { reason });
}
