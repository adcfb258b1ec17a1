import { fromHex, RistrettoScalar, toHex } from "@menshen/crypto";
import {
  type CanonicalJson,
  canonicalJson,
  DomainError,
  type EpochGrid,
  MAX_RETENTION_DAYS,
  parseCanonicalJson,
} from "@menshen/domain";
import { malformed } from "../bytes.ts";
import { type CustodianSet, encodeCustodianSet, parseCustodianSet } from "../custodian-set.ts";
import { type EpochKey, encodeEpochKey, parseEpochKey } from "../epoch-key.ts";
import { CustodyError } from "../errors.ts";
import type { LogTrust } from "../witness-policy.ts";

/** The evidence log as the program pinned it on the day it was set up, or as custodians endorsed it since. */
export interface PinnedLog extends LogTrust {
  /** First line of its checkpoints. */
  readonly origin: string;
  /** Of the endorsed policy; absent: it is as it was pinned at first. */
  readonly policyVersion?: number;
}

/** A share of one epoch's key, or of the key of one motion's ballots. */
export interface HeldShare {
  /** The ceremony's id at the community's server, UUID. */
  readonly ceremony: string;
  /** From 1. */
  readonly index: number;
  readonly key: EpochKey;
  readonly secret: RistrettoScalar;
  /** The motion for whose ballots the key was made; absent: an epoch's. */
  readonly motionId?: string;
}

/** A receipt on its way to the log; kept until the server has it. */
export interface OwedReceipt {
  readonly ceremony: string;
  readonly epoch: number;
  readonly destroyedAtMs: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** What was answered to one request, for ever: its bounds hold over all answers. */
export interface AnsweredRequest {
  readonly requestId: string;
  /** SHA-256 of the statement, lower-case hexadecimal. */
  readonly statementSha256: string;
  /** SHA-256 of each sealed entry that was answered, in their order of answering. */
  readonly entries: readonly string[];
}

/** The one tally of a motion that was answered: no other of it is, for ever. */
export interface AnsweredTally {
  readonly motionId: string;
  /** 64 bytes, lower-case hexadecimal. */
  readonly digest: string;
}

/** A tree of the log. */
export interface SeenTree {
  /** Leaves. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly root: string;
}

/** The tree with which the log contradicted the one that was seen before. */
export interface LogFault extends SeenTree {
  readonly kind: "forked" | "rolled-back";
  readonly atMs: number;
}

/** A request, or an entry of one, that this program did not answer because something was wrong with it. */
export interface RefusedRequest {
  readonly requestId: string;
  /** Code of the refusal. */
  readonly refusal: string;
  readonly atMs: number;
  /** SHA-256 of the sealed entry; absent when the whole request was refused. */
  readonly entry?: string;
}

/** All that a custodian's program keeps. */
export interface StoreContents {
  /** Seed of the Ed25519 identity key, 32 bytes. */
  readonly identitySeed: Uint8Array;
  readonly communityId: string;
  readonly grid: EpochGrid;
  readonly log: PinnedLog;
  /** The set of custodians that the program knows; absent before the first ceremony. */
  readonly custodians?: CustodianSet;
  readonly retentionDays: number;
  readonly shares: readonly HeldShare[];
  readonly receipts: readonly OwedReceipt[];
  readonly answered: readonly AnsweredRequest[];
  /** The latest time that the program ever acted at, Unix milliseconds. */
  readonly latestMs: number;
  /** The tree that was verified last; a newer one is believed when it is proven to begin with this one. */
  readonly seen?: SeenTree;
  /** Nothing is answered while it stands here; only the custodian's person takes it away. */
  readonly logFault?: LogFault;
  /** The last of them, oldest first; absent: none. */
  readonly refused?: readonly RefusedRequest[];
  /** Absent: none. */
  readonly tallies?: readonly AnsweredTally[];
}

const MAX_CHARACTERS = 4 * 1024 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The contents as canonical JSON; bytes in hexadecimal. */
export function encodeContents(contents: StoreContents): Uint8Array<ArrayBuffer> {
  const { grid, log, custodians, seen, logFault, refused, tallies } = contents;
  const value: CanonicalJson = {
    identitySeed: toHex(contents.identitySeed),
    communityId: contents.communityId,
    grid: { anchorMs: grid.anchorMs, epochMs: grid.epochMs },
    log: {
      origin: log.origin,
      logKey: log.logKey,
      witnesses: log.witnesses.map(({ body, key }) => ({ body, key })),
      quorum: log.quorum,
      ...(log.policyVersion === undefined ? {} : { policyVersion: log.policyVersion }),
    },
    ...(custodians === undefined ? {} : { custodians: toHex(encodeCustodianSet(custodians)) }),
    retentionDays: contents.retentionDays,
    shares: contents.shares.map(({ ceremony, index, key, secret, motionId }) => ({
      ceremony,
      index,
      key: toHex(encodeEpochKey(key)),
      secret: toHex(secret.toBytes()),
      ...(motionId === undefined ? {} : { motionId }),
    })),
    receipts: contents.receipts.map(({ signature, ...rest }) => ({ ...rest, signature: toHex(signature) })),
    answered: contents.answered.map(({ entries, ...rest }) => ({ ...rest, entries: [...entries] })),
    latestMs: contents.latestMs,
    ...(seen === undefined ? {} : { seen: { ...seen } }),
    ...(logFault === undefined ? {} : { logFault: { ...logFault } }),
    ...(refused === undefined ? {} : { refused: refused.map((one) => ({ ...one })) }),
    ...(tallies === undefined ? {} : { tallies: tallies.map((one) => ({ ...one })) }),
  };
  return new TextEncoder().encode(canonicalJson(value));
}

/**
 * Reads what {@link encodeContents} wrote.
 *
 * @throws {CustodyError} `malformed`, also for a field that this version does not know
 */
export function parseContents(bytes: Uint8Array): StoreContents {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const all = new Fields(parseCanonicalJson(text, MAX_CHARACTERS));
    const grid = all.fields("grid");
    const log = all.fields("log");
    const seen = all.has("seen") ? all.fields("seen") : undefined;
    const logFault = all.has("logFault") ? all.fields("logFault") : undefined;
    const custodians = all.has("custodians") ? parseCustodianSet(all.hex("custodians")) : undefined;
    const contents: StoreContents = {
      identitySeed: all.hex("identitySeed", 32),
      communityId: all.uuid("communityId"),
      grid: { anchorMs: grid.whole("anchorMs"), epochMs: grid.whole("epochMs") },
      log: {
        origin: log.text("origin"),
        logKey: log.text("logKey"),
        witnesses: log.list("witnesses").map((one) => ({ body: one.text("body"), key: one.text("key") })),
        quorum: log.whole("quorum"),
        ...(log.has("policyVersion") ? { policyVersion: log.whole("policyVersion") } : {}),
      },
      ...(custodians === undefined ? {} : { custodians }),
      retentionDays: all.whole("retentionDays"),
      shares: all.list("shares").map(shareOf),
      receipts: all.list("receipts").map((one) => ({
        ceremony: one.uuid("ceremony"),
        epoch: one.whole("epoch"),
        destroyedAtMs: one.whole("destroyedAtMs"),
        signature: one.hex("signature", 64),
      })),
      answered: all.list("answered").map((one) => ({
        requestId: one.uuid("requestId"),
        statementSha256: one.text("statementSha256"),
        entries: one.texts("entries"),
      })),
      latestMs: all.whole("latestMs"),
      ...(seen === undefined ? {} : { seen: treeOf(seen) }),
      ...(logFault === undefined ? {} : { logFault: faultOf(logFault) }),
      ...(all.has("refused") ? { refused: all.list("refused").map(refusedOf) } : {}),
      ...(all.has("tallies") ? { tallies: all.list("tallies").map(tallyOf) } : {}),
    };
    if (contents.retentionDays > MAX_RETENTION_DAYS || contents.grid.epochMs < 1) {
      throw malformed("times out of range");
    }
    // What is written again is what was read: no field is dropped in silence.
    if (new TextDecoder().decode(encodeContents(contents)) !== text) throw malformed("an unknown field");
    return contents;
  } catch (cause) {
    if (cause instanceof CustodyError) throw cause;
    if (cause instanceof DomainError || cause instanceof TypeError) {
      throw new CustodyError("malformed", "expected the contents of a share store", { cause });
    }
    throw cause;
  }
}

function treeOf(one: Fields): SeenTree {
  return { size: one.whole("size"), root: toHex(one.hex("root", 32)) };
}

function faultOf(one: Fields): LogFault {
  const kind = one.text("kind");
  if (kind !== "forked" && kind !== "rolled-back") throw malformed("an unknown fault of the log");
  return { ...treeOf(one), kind, atMs: one.whole("atMs") };
}

function refusedOf(one: Fields): RefusedRequest {
  return {
    requestId: one.uuid("requestId"),
    refusal: one.text("refusal"),
    atMs: one.whole("atMs"),
    ...(one.has("entry") ? { entry: one.text("entry") } : {}),
  };
}

function tallyOf(one: Fields): AnsweredTally {
  return { motionId: one.uuid("motionId"), digest: toHex(one.hex("digest", 64)) };
}

function shareOf(one: Fields): HeldShare {
  const secret = RistrettoScalar.parse(one.hex("secret", 32));
  if (secret === undefined) throw malformed("a share that is no scalar");
  return {
    ceremony: one.uuid("ceremony"),
    index: one.whole("index"),
    key: parseEpochKey(one.hex("key")),
    secret,
    ...(one.has("motionId") ? { motionId: one.uuid("motionId") } : {}),
  };
}

/** Reads members of one object; whatever is not as expected is `malformed`. */
class Fields {
  readonly #members: object;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("no object");
    this.#members = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  #member(name: string): unknown {
    return this.has(name) ? Reflect.get(this.#members, name) : undefined;
  }

  text(name: string): string {
    const value = this.#member(name);
    if (typeof value !== "string") throw malformed(`no text in \`${name}\``);
    return value;
  }

  uuid(name: string): string {
    const value = this.text(name);
    if (!UUID.test(value)) throw malformed(`no UUID in \`${name}\``);
    return value;
  }

  whole(name: string): number {
    const value = this.#member(name);
    if (typeof value !== "number" || value < 0) throw malformed(`no number in \`${name}\``);
    return value;
  }

  hex(name: string, lengthBytes?: number): Uint8Array<ArrayBuffer> {
    const text = this.text(name);
    if (!/^([0-9a-f]{2})*$/.test(text)) throw malformed(`no hexadecimal bytes in \`${name}\``);
    const bytes = fromHex(text);
    if (lengthBytes !== undefined && bytes.length !== lengthBytes) {
      throw malformed(`another length in \`${name}\``);
    }
    return bytes;
  }

  fields(name: string): Fields {
    return new Fields(this.#member(name));
  }

  list(name: string): Fields[] {
    return this.#items(name).map((item) => new Fields(item));
  }

  texts(name: string): string[] {
    return this.#items(name).map((item) => {
      if (typeof item !== "string") throw malformed(`no text in \`${name}\``);
      return item;
    });
  }

  #items(name: string): readonly unknown[] {
    const value = this.#member(name);
    if (!Array.isArray(value)) throw malformed(`no list in \`${name}\``);
    return value;
  }
}
