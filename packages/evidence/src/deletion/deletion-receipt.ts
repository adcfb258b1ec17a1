import { fromHex } from "@menshen/crypto";
import type { CanonicalJson } from "@menshen/domain";
import { isHex, isUuid, listOf, membersOf } from "../receipts/members.ts";
import {
  openReceipt,
  type ReceiptForm,
  type SignedReceiptFault,
  signReceipt,
} from "../receipts/signed-receipt.ts";

const MAX_GATES = 10_000;

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
export type DeletionReceiptFault = SignedReceiptFault | "bad-gate-receipt" | "not-closed";

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
  return signReceipt(FORM, receipt, sign);
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
  const opened = openReceipt(FORM, crypto.ed25519Verify, text, keys.receiptKey);
  if ("fault" in opened) return { verified: false, fault: opened.fault };
  const { receipt } = opened;
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

function bodyOf(receipt: DeletionReceipt) {
  return {
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
  const readStores = listOf(stores, storeOf);
  const readGates = listOf(gates, gateOf);
  if (typeof isClosed !== "boolean" || readStores === undefined || readGates === undefined) return undefined;
  if (readGates.length > MAX_GATES) return undefined;
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
  if (state !== "answered" || !isTime(at) || !isHexText(deviceKey) || !isHexText(receipt)) return undefined;
  return { gateId, name, state, at, deviceKey, receipt };
}

function isText(value: CanonicalJson | undefined): value is string {
  return typeof value === "string" && value.length <= 200;
}

function isTime(value: CanonicalJson | undefined): value is number {
  return Number.isSafeInteger(value);
}

function isHexText(value: CanonicalJson | undefined): value is string {
  return (
    typeof value === "string" && value.length > 0 && value.length <= 8_192 && isHex(value, value.length / 2)
  );
}

const FORM: ReceiptForm<DeletionReceipt> = {
  tag: "menshen/deletion-receipt/v1\n",
  version: 1,
  /** Some thousand gates. */
  maxCharacters: 8 * 1024 * 1024,
  bodyOf,
  receiptOf,
};
