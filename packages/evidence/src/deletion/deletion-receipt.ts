import { concatBytes, fromHex, toHex } from "@menshen/crypto";
import { type CanonicalJson, canonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";
import { EvidenceError } from "../evidence-error.ts";

const VERSION = 1;
const SIGNATURE_TAG = new TextEncoder().encode("menshen/deletion-receipt/v1\n");
/** UTF-16 code units of a whole receipt: some thousand gates. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const MAX_GATES = 10_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A store of the community's server that was looked through and held nothing of this person any more. */
export interface DeletedStore {
  readonly store: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** What a gate answered, or that it has not. */
export type DeletedGate = { readonly gateId: string; readonly name: string } & (
  | { readonly state: "awaiting" | "released" }
  | {
      readonly state: "answered";
      readonly at: number;
      /** Public key of the gate's certificate, as its receipt is signed; lower-case hexadecimal. */
      readonly deviceKey: string;
      /** COSE_Sign1 as it came from the gate; docs/protocol/deletion.md. */
      readonly receipt: string;
    }
);

/** What became of somebody's data, store by store and gate by gate. Names nobody. docs/protocol/deletion.md */
export interface DeletionReceipt {
  readonly deletionId: string;
  readonly communityId: string;
  readonly communityName: string;
  /** Why. */
  readonly ground: string;
  readonly begunAt: number;
  /** When this text was made; what is awaited now is in a later one. */
  readonly at: number;
  /** All receipts are there. */
  readonly isClosed: boolean;
  /** Sealed entries of doors are dead by then; records of administration, which name nobody, are gone by then. */
  readonly sealedUntil: number;
  readonly recordsUntil: number;
  readonly stores: readonly DeletedStore[];
  readonly gates: readonly DeletedGate[];
}

/**
 * `bad-gate-receipt`: what stands there as the receipt of a gate is not signed by that gate, or is about another deletion;
 * `not-closed`: it says that it is closed, and something is missing.
 */
export type DeletionReceiptFault =
  | "malformed"
  | "unknown-version"
  | "bad-signature"
  | "bad-gate-receipt"
  | "not-closed";

export type DeletionReceiptVerdict =
  | { readonly verified: true; readonly receipt: DeletionReceipt }
  | { readonly verified: false; readonly fault: DeletionReceiptFault };

export interface DeletionReceiptCrypto {
  readonly ed25519Verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /**
   * Verifies a gate's receipt (`forgotten` of gate-link.md) under its device key.
   *
   * @returns whose it is and about which deletion, both UUIDs as text; `undefined` for anything else
   */
  readonly openGateReceipt: (
    message: Uint8Array,
    deviceKey: Uint8Array,
  ) => { readonly gateId: string; readonly deletionId: string } | undefined;
}

/**
 * The file of a receipt: canonical JSON with the community's signature over every byte of it.
 *
 * @param sign Ed25519 with the community's receipt key, 64 bytes
 * @throws {EvidenceError} `invalid-text` for a receipt that {@link verifyDeletionReceipt} would call malformed
 */
export function makeDeletionReceipt(
  receipt: DeletionReceipt,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  const body = bodyOf(receipt);
  const text = canonicalJson({ receipt: body, signature: toHex(sign(signedBytes(body))) });
  if (typeof read(text) === "string") {
    throw new EvidenceError("invalid-text", "expected a receipt within its limits");
  }
  return text;
}

/**
 * Verifies a receipt without a network: the community signed every byte of it, and each gate that is said to have answered
 * signed its own.
 *
 * @param keys.receiptKey Ed25519 public key of the community, 32 bytes, known from elsewhere than the receipt
 */
export function verifyDeletionReceipt(
  crypto: DeletionReceiptCrypto,
  text: string,
  keys: { readonly receiptKey: Uint8Array },
): DeletionReceiptVerdict {
  const parsed = read(text);
  if (typeof parsed === "string") return { verified: false, fault: parsed };
  const { receipt, body, signature } = parsed;
  if (!crypto.ed25519Verify(keys.receiptKey, signedBytes(body), signature)) {
    return { verified: false, fault: "bad-signature" };
  }
  for (const gate of receipt.gates) {
    if (gate.state !== "answered") continue;
    const opened = crypto.openGateReceipt(fromHex(gate.receipt), fromHex(gate.deviceKey));
    if (opened?.gateId !== gate.gateId || opened.deletionId !== receipt.deletionId) {
      return { verified: false, fault: "bad-gate-receipt" };
    }
  }
  if (receipt.isClosed && receipt.gates.some(({ state }) => state === "awaiting")) {
    return { verified: false, fault: "not-closed" };
  }
  return { verified: true, receipt };
}

function signedBytes(body: CanonicalJson): Uint8Array {
  return concatBytes(SIGNATURE_TAG, new TextEncoder().encode(canonicalJson(body)));
}

interface ReadReceipt {
  readonly receipt: DeletionReceipt;
  readonly body: CanonicalJson;
  readonly signature: Uint8Array;
}

function read(text: string): ReadReceipt | "malformed" | "unknown-version" {
  let file: CanonicalJson;
  try {
    file = parseCanonicalJson(text, MAX_CHARACTERS);
  } catch (fault) {
    if (fault instanceof DomainError) return "malformed";
    throw fault;
  }
  const { receipt: versioned, signature } = membersOf(file);
  const { version } = membersOf(versioned);
  if (typeof version === "number" && version !== VERSION) return "unknown-version";
  const receipt = receiptOf(versioned);
  if (receipt === undefined || !isHex(signature, 64)) return "malformed";
  // One spelling, no field more: what was read, written again, is what came.
  const body = bodyOf(receipt);
  if (canonicalJson({ receipt: body, signature }) !== text) return "malformed";
  return { receipt, body, signature: fromHex(signature) };
}

function bodyOf(receipt: DeletionReceipt): CanonicalJson {
  return {
    version: VERSION,
    deletionId: receipt.deletionId,
    communityId: receipt.communityId,
    communityName: receipt.communityName,
    ground: receipt.ground,
    begunAt: receipt.begunAt,
    at: receipt.at,
    isClosed: receipt.isClosed,
    sealedUntil: receipt.sealedUntil,
    recordsUntil: receipt.recordsUntil,
    stores: receipt.stores.map(({ store, at }) => ({ store, at })),
    gates: receipt.gates.map((gate) =>
      gate.state === "answered"
        ? {
            gateId: gate.gateId,
            name: gate.name,
            state: gate.state,
            at: gate.at,
            deviceKey: gate.deviceKey,
            receipt: gate.receipt,
          }
        : { gateId: gate.gateId, name: gate.name, state: gate.state },
    ),
  };
}

function receiptOf(value: CanonicalJson | undefined): DeletionReceipt | undefined {
  const { deletionId, communityId, communityName, ground, begunAt, at, isClosed, ...rest } = membersOf(value);
  const { sealedUntil, recordsUntil, stores, gates } = rest;
  if (!isUuid(deletionId) || !isUuid(communityId) || !isText(communityName) || !isText(ground))
    return undefined;
  if (!isTime(begunAt) || !isTime(at) || !isTime(sealedUntil) || !isTime(recordsUntil)) return undefined;
  if (typeof isClosed !== "boolean" || !isList(stores) || !isList(gates) || gates.length > MAX_GATES) {
    return undefined;
  }
  const readStores = stores.map(storeOf);
  const readGates = gates.map(gateOf);
  if (!areAll(readStores) || !areAll(readGates)) return undefined;
  const said = { deletionId, communityId, communityName, ground, begunAt, at, isClosed, sealedUntil };
  return { ...said, recordsUntil, stores: readStores, gates: readGates };
}

function storeOf(value: CanonicalJson): DeletedStore | undefined {
  const { store, at } = membersOf(value);
  return isText(store) && isTime(at) ? { store, at } : undefined;
}

function gateOf(value: CanonicalJson): DeletedGate | undefined {
  const { gateId, name, state, at, deviceKey, receipt } = membersOf(value);
  if (!isUuid(gateId) || !isText(name)) return undefined;
  if (state === "awaiting" || state === "released") return { gateId, name, state };
  if (state !== "answered" || !isTime(at) || !isHex(deviceKey) || !isHex(receipt)) return undefined;
  return { gateId, name, state, at, deviceKey, receipt };
}

function areAll<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return values.every((value) => value !== undefined);
}

type Members = Readonly<Record<string, CanonicalJson>>;

function membersOf(value: CanonicalJson | undefined): Members {
  return isObject(value) ? value : {};
}

function isObject(value: CanonicalJson | undefined): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: CanonicalJson | undefined): value is readonly CanonicalJson[] {
  return Array.isArray(value);
}

function isText(value: CanonicalJson | undefined): value is string {
  return typeof value === "string" && value.length <= 200;
}

function isUuid(value: CanonicalJson | undefined): value is string {
  return typeof value === "string" && UUID.test(value);
}

function isTime(value: CanonicalJson | undefined): value is number {
  return Number.isSafeInteger(value);
}

function isHex(value: CanonicalJson | undefined, bytes?: number): value is string {
  if (typeof value !== "string" || !/^([0-9a-f]{2})*$/.test(value) || value.length > 8_192) return false;
  return bytes === undefined ? value.length > 0 : value.length === 2 * bytes;
}
