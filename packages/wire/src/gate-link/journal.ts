import {
  AccessPointId,
  COUNTER_MARKS,
  CREDENTIAL_KINDS,
  GateId,
  GRADES,
  PortalId,
  ReaderId,
} from "@menshen/domain";
import type { Static } from "typebox";
import { decodeCbor, encodeCbor } from "../cbor.ts";
import { makeCodec } from "../codec.ts";
import { WireError } from "../errors.ts";
import { COMMAND_KINDS } from "../http/commands.ts";
import {
  bool,
  bytes,
  choice,
  instant,
  int,
  level,
  list,
  literal,
  map,
  optional,
  text,
  uint,
  uuid,
  version,
  type WireSchema,
} from "../schema.ts";
import { externalAad } from "./message-types.ts";
import { reasonSchema } from "./reason.ts";
import { epochNumber, PSEUDONYM_KEY_ID_BYTES } from "./trail.ts";

/** A batch carries at most this many entries. */
export const JOURNAL_BATCH_MAX_ENTRIES = 512;
/** The longest batch, before signing. */
export const JOURNAL_BATCH_MAX_BYTES = 256 * 1024;
/** The longest single entry. */
export const JOURNAL_ENTRY_MAX_BYTES = 4096;
/** The longest sealed identity. */
export const SEALED_MAX_BYTES = 512;
/** Every wrap to a resident has this length. */
export const WRAP_BYTES = 96;
/** Every name for the duty desk has this length. */
export const DESK_NAME_BYTES = 72;

export const PORTAL_EVENTS = [
  "opened",
  "closed",
  "forced",
  "held-too-long",
  "held-ended",
  "exit-request",
  "unlocked",
  "locked",
  "fire-on",
  "fire-reset",
  "mode-changed",
  "lock-not-answering",
  "passage-confirmed",
  "passage-missing",
  "hold-began",
  "hold-ended",
  "commanded",
  "contact-chatter",
  "contact-steady",
  "tailgated",
] as const;
export const READER_EVENTS = [
  "online",
  "offline",
  "secure-channel-up",
  "secure-channel-lost",
  "mac-failures",
  "tamper-on",
  "tamper-off",
  "power-fault",
  "install-window-opened",
  "install-window-closed",
  "key-set",
  "power-restored",
  "call",
  "flooded",
  "flood-ended",
] as const;
export const GATE_EVENTS = [
  "started",
  "clock-stepped",
  "clock-disciplined",
  "snapshot-applied",
  "snapshot-refused",
  "keyring-applied",
  "modes-applied",
  "journal-degraded",
  "journal-restored",
  "certificate-renewed",
  "self-test",
  "trail-applied",
  "passes-applied",
  "door-rules-applied",
  "gates-apart",
  "gates-together",
  "power-fault",
  "power-restored",
  "battery-low",
  "battery-restored",
  "journal-late",
] as const;

/** Lower-case words joined by hyphens: machine-readable, never free text. */
export const codeText = () => text(64, /^[a-z0-9]+(-[a-z0-9]+)*$/);

export const portalModeFields = {
  mode: [1, choice(["normal", "locked", "held-open"])],
  lockdown: [2, level([0, 1, 2, 3])],
  generation: [3, uint()],
  until: [4, optional(instant())],
} as const;

export const accessBodySchema = map({
  accessPointId: [0, uuid(AccessPointId)],
  granted: [1, bool()],
  reasons: [2, list(reasonSchema, 16, 1)],
  /** Pseudonym of the credential; absent if nothing that identifies one was read. */
  pseudonym: [3, optional(bytes(16))],
  kind: [4, optional(choice(CREDENTIAL_KINDS))],
  grade: [5, optional(choice(GRADES))],
  /** 0: the gate had none. */
  snapshotVersion: [6, uint()],
  evidence: [
    7,
    optional(
      map({
        counter: [0, optional(uint())],
        keyVersion: [1, optional(uint())],
        downgraded: [2, optional(bool())],
        dialogueMs: [3, optional(uint())],
        counterMark: [4, optional(choice(COUNTER_MARKS))],
        /** Of what the chip answered before any key was used: many cards of one make share it. */
        fingerprint: [5, optional(uint(0xffff))],
        /** Hour or door are new for this card, by what the gate remembers of past epochs. */
        unaccustomed: [6, optional(bool())],
        /** A step that somebody decided about this card holds here, be it from the last epoch. */
        watched: [7, optional(bool())],
      }),
    ),
  ],
  /** The lock output was driven for this entry. */
  lockDriven: [8, bool()],
  /** Of `earliest`; always with a pseudonym. */
  epoch: [9, optional(epochNumber())],
  /** Which key made the pseudonym: two of one card are equal only under the same key. */
  pseudonymKeyId: [10, optional(bytes(PSEUDONYM_KEY_ID_BYTES))],
  /** The identity, sealed to the custodians; absent without a credential or without a key of the epoch. */
  sealed: [11, optional(bytes(1, SEALED_MAX_BYTES))],
  /** The same for the holder alone; random bytes of one form where the holder has no key. With every credential. */
  wrap: [12, optional(bytes(WRAP_BYTES))],
  /** ES256 over {@link accessEntrySigningInput}, so that the entry proves itself without its neighbours. */
  signature: [13, optional(bytes(64))],
  /** The credential, sealed to a desk key of the trail document; absent unless the community names it. */
  deskName: [14, optional(bytes(DESK_NAME_BYTES))],
  /** Of a lift: the floors that were freed, those that many may go to. */
  floors: [15, optional(list(uuid(AccessPointId), 64, 1))],
  /** How many others were: so few may go there that to name them would name the holder. */
  otherFloors: [16, optional(uint(64, 1))],
});

export const portalBodySchema = map({
  portalId: [0, uuid(PortalId)],
  event: [1, choice(PORTAL_EVENTS)],
  /** With `mode-changed`: what holds now. */
  mode: [2, optional(map(portalModeFields))],
  /** With `commanded`: what a member of staff had the gate do, under the id of its command. */
  command: [3, optional(map({ commandId: [0, bytes(16)], kind: [1, choice(COMMAND_KINDS)] }))],
});

export const readerBodySchema = map({
  readerId: [0, uuid(ReaderId)],
  event: [1, choice(READER_EVENTS)],
  /** With `mac-failures`: how many since the last entry; with `flood-ended`: how many were held back. */
  count: [2, optional(uint())],
});

export const gateBodySchema = map({
  event: [0, choice(GATE_EVENTS)],
  /** Of the snapshot, keyring or modes that was applied or refused. */
  documentVersion: [1, optional(uint())],
  /** Why something was refused or degraded; with `journal-late`: how late. */
  cause: [2, optional(codeText())],
  /** How far a clock step moved the time. */
  stepMs: [3, optional(int())],
  softwareVersion: [4, optional(text(64))],
  bootId: [5, optional(bytes(16))],
  /** With `self-test`: what it found; an empty list is a pass. */
  findings: [6, optional(list(codeText(), 64))],
});

const header = { version: [0, version(1)], sequence: [1, uint(Number.MAX_SAFE_INTEGER, 1)] } as const;
const times = { earliest: [2, instant()], latest: [3, instant()] } as const;

export const accessEntrySchema = map({
  ...header,
  ...times,
  kind: [4, literal("access", 1)],
  body: [5, accessBodySchema],
});
export const portalEntrySchema = map({
  ...header,
  ...times,
  kind: [4, literal("portal", 2)],
  body: [5, portalBodySchema],
});
export const readerEntrySchema = map({
  ...header,
  ...times,
  kind: [4, literal("reader", 3)],
  body: [5, readerBodySchema],
});
export const gateEntrySchema = map({
  ...header,
  ...times,
  kind: [4, literal("gate", 4)],
  body: [5, gateBodySchema],
});

export const journalBatchSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  firstSequence: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  previousHash: [3, bytes(32)],
  entries: [4, list(bytes(1, JOURNAL_ENTRY_MAX_BYTES), JOURNAL_BATCH_MAX_ENTRIES, 1)],
});

export type AccessEntry = Static<typeof accessEntrySchema>;
export type PortalEntry = Static<typeof portalEntrySchema>;
export type ReaderEntry = Static<typeof readerEntrySchema>;
export type GateEntry = Static<typeof gateEntrySchema>;
export type JournalEntry = AccessEntry | PortalEntry | ReaderEntry | GateEntry;
export type JournalEntryKind = JournalEntry["kind"];
export type PortalEvent = (typeof PORTAL_EVENTS)[number];
export type ReaderEvent = (typeof READER_EVENTS)[number];
export type GateEvent = (typeof GATE_EVENTS)[number];
/** Signed by the gate; the entries are the bytes that its journal holds and its hash chain covers. */
export type JournalBatch = Static<typeof journalBatchSchema>;

const codecOf = <S extends WireSchema>(schema: S) => makeCodec(schema, JOURNAL_ENTRY_MAX_BYTES);
const entryCodecs = {
  access: codecOf(accessEntrySchema),
  portal: codecOf(portalEntrySchema),
  reader: codecOf(readerEntrySchema),
  gate: codecOf(gateEntrySchema),
} as const;
const codecByNumber = [
  undefined,
  entryCodecs.access,
  entryCodecs.portal,
  entryCodecs.reader,
  entryCodecs.gate,
];

const KIND = 4;
const VERSION = 0;

/** The bytes that a journal stores and hashes. Throws `WireError("invalid" | "too-large")`. */
export function encodeJournalEntry(entry: JournalEntry): Uint8Array {
  const encoded = encodeByKind(entry);
  requireOrder(entry);
  return encoded;
}

function encodeByKind(entry: JournalEntry): Uint8Array {
  switch (entry.kind) {
    case "access":
      return entryCodecs.access.encode(entry);
    case "portal":
      return entryCodecs.portal.encode(entry);
    case "reader":
      return entryCodecs.reader.encode(entry);
    case "gate":
      return entryCodecs.gate.encode(entry);
    default:
      throw new WireError("invalid", "entry.kind: expected one of the four kinds");
  }
}

/** Throws `WireError`; `invalid` too for a kind of entry that this version does not list and for `earliest > latest`. */
export function decodeJournalEntry(entryBytes: Uint8Array): JournalEntry {
  const entry = attemptEntry(entryBytes) ?? readEntry(entryBytes);
  requireOrder(entry);
  return entry;
}

/** Entries of a gate's day are taps and doors; others are read by the longer way. */
function attemptEntry(entryBytes: Uint8Array): JournalEntry | undefined {
  const kind = entryBytes.at(kindOffset(entryBytes));
  return kind === undefined ? undefined : codecByNumber[kind]?.attempt(entryBytes);
}

/** Where the kind of an entry stands that begins as all do: whoever takes another number for it refuses the entry. */
function kindOffset(entryBytes: Uint8Array): number {
  // A map whose first keys are 0 to 4; behind the version stand three numbers.
  let offset = 3;
  for (let number = 0; number < 3; number++) {
    const info = (entryBytes[offset + 1] ?? 0) & 31;
    offset += info < 24 ? 2 : 2 + (1 << (info & 3));
  }
  return offset + 1;
}

/** The longer way, which says why it refuses. */
function readEntry(entryBytes: Uint8Array): JournalEntry {
  const cbor = decodeCbor(entryBytes, JOURNAL_ENTRY_MAX_BYTES);
  if (!(cbor instanceof Map)) throw new WireError("invalid", "entry: expected a map");
  if (cbor.get(VERSION) !== 1) throw new WireError("unknown-version", "entry: expected version 1");
  const kind: unknown = cbor.get(KIND);
  const codec = typeof kind === "number" ? codecByNumber[kind] : undefined;
  if (codec === undefined) throw new WireError("invalid", "entry.kind: expected 1 to 4");
  return codec.read(cbor);
}

function requireOrder({ earliest, latest }: JournalEntry): void {
  if (earliest > latest) throw new WireError("invalid", "entry: expected earliest ≤ latest");
}

export const journalBatch = makeCodec(journalBatchSchema, JOURNAL_BATCH_MAX_BYTES);

const BODY = 5;
const SIGNATURE = 13;

/**
 * What the signature of an access entry covers: the ASCII text `menshen/access-entry/v1`, then the entry's encoding
 * without the signature. For the bytes of a journal: fields that this version does not know stay in.
 *
 * @returns `undefined` for an entry that carries no signature
 * @throws {WireError} as {@link decodeJournalEntry}
 */
export function accessEntrySigningInput(
  entryBytes: Uint8Array,
): { readonly signed: Uint8Array; readonly signature: Uint8Array } | undefined {
  const entry = decodeJournalEntry(entryBytes);
  if (entry.kind !== "access" || entry.body.signature === undefined) return undefined;
  const cbor = decodeCbor(entryBytes, JOURNAL_ENTRY_MAX_BYTES);
  const body: unknown = cbor instanceof Map ? cbor.get(BODY) : undefined;
  if (!(cbor instanceof Map) || !(body instanceof Map))
    throw new WireError("invalid", "entry: expected maps");
  body.delete(SIGNATURE);
  return { signed: signingInput(encodeCbor(cbor)), signature: entry.body.signature };
}

/** The same for an entry that is still to be signed; a signature in it is left out. */
export function accessEntryToSign(entry: AccessEntry): Uint8Array {
  const { signature: _none, ...body } = entry.body;
  return signingInput(encodeJournalEntry({ ...entry, body }));
}

function signingInput(unsigned: Uint8Array): Uint8Array {
  const type = externalAad("accessEntry");
  const input = new Uint8Array(type.length + unsigned.length);
  input.set(type);
  input.set(unsigned, type.length);
  return input;
}
