import { readFileSync } from "node:fs";
import type { Codec } from "../codec.ts";
import * as aliro from "./aliro.ts";
import * as command from "./command.ts";
import * as credentialProofs from "./credential-proofs.ts";
import * as documents from "./documents.ts";
import * as doorRules from "./door-rules.ts";
import * as enrolment from "./enrolment.ts";
import * as forget from "./forget.ts";
import {
  decodeJournalEntry,
  encodeJournalEntry,
  JOURNAL_ENTRY_MAX_BYTES,
  type JournalEntry,
  journalBatch,
} from "./journal.ts";
import * as passes from "./passes.ts";
import * as presence from "./presence.ts";
import * as reports from "./reports.ts";
import * as site from "./site.ts";
import * as trail from "./trail.ts";

export interface Vector {
  readonly name: string;
  readonly message: MessageName;
  readonly cbor: string;
  /** Bytes stand as `{ "hex": … }`. */
  readonly value: unknown;
}

interface VectorFile {
  readonly vectors: readonly Vector[];
  readonly chain: { readonly entries: readonly string[]; readonly hashes: readonly string[] };
  readonly accessEntrySignature: { readonly entry: string; readonly signed: string };
}

export const vectorFile: VectorFile = JSON.parse(
  readFileSync(new URL("../../vectors/gate-link.json", import.meta.url), "utf8"),
);

type Coder<T> = Pick<Codec<T>, "encode" | "decode" | "maxBytes"> &
  Partial<Pick<Codec<T>, "attempt" | "read">>;

const journalEntry: Coder<JournalEntry> = {
  encode: encodeJournalEntry,
  decode: decodeJournalEntry,
  maxBytes: JOURNAL_ENTRY_MAX_BYTES,
};

/** Both directions of a message, for values that JSON made. */
export interface AnyCoder {
  readonly encode: (value: unknown) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly maxBytes: number;
  readonly attempt?: ((bytes: Uint8Array) => unknown) | undefined;
  readonly read?: ((cbor: unknown) => unknown) | undefined;
}

/** A codec checks what it is given, so any value may be tried on it. */
const any = <T>({ encode, decode, maxBytes, attempt, read }: Coder<T>): AnyCoder => ({
  encode: (value) => encode(value as T),
  decode,
  maxBytes,
  attempt,
  read,
});

export const coders = {
  journalEntry: any(journalEntry),
  journalBatch: any(journalBatch),
  hello: any(reports.hello),
  timeRequest: any(reports.timeRequest),
  statusReport: any(reports.statusReport),
  applied: any(reports.applied),
  presenceReport: any(presence.presenceReport),
  snapshotMessage: any(documents.snapshotMessage),
  deltaMessage: any(documents.deltaMessage),
  keyring: any(documents.keyring),
  sealedKeyring: any(documents.sealedKeyring),
  modesMessage: any(documents.modesMessage),
  trailMessage: any(trail.trailMessage),
  passesMessage: any(passes.passesMessage),
  doorRulesMessage: any(doorRules.doorRulesMessage),
  siteFrame: any(site.siteFrame),
  commandMessage: any(command.commandMessage),
  commandResult: any(command.commandResult),
  forgetMessage: any(forget.forgetMessage),
  forgottenMessage: any(forget.forgottenMessage),
  pseudonymMessage: any(trail.pseudonymMessage),
  proofsRequest: any(credentialProofs.proofsRequest),
  sealedProofs: any(credentialProofs.sealedProofs),
  credentialProofs: any(credentialProofs.credentialProofs),
  documentProof: any(aliro.documentProof),
  timeMessage: any(documents.timeMessage),
  resumeMessage: any(documents.resumeMessage),
  enrolRequest: any(enrolment.enrolRequest),
  enrolResponse: any(enrolment.enrolResponse),
  renewRequest: any(enrolment.renewRequest),
  renewResponse: any(enrolment.renewResponse),
  handoverRequest: any(enrolment.handoverRequest),
  handoverResponse: any(enrolment.handoverResponse),
  refusal: any(enrolment.refusal),
} as const;
export type MessageName = keyof typeof coders;

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The value with its bytes as bytes. */
export function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== "object" || value === null) return value;
  if ("hex" in value && typeof value.hex === "string") return fromHex(value.hex);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, withBytes(element)]));
}
