import { concatBytes, ed25519Sign, ed25519Verify, equalBytes, sha512 } from "@menshen/crypto";
import { BODY_NAME, haveAgreed, indexOfSigner } from "./agreement.ts";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import { CustodyError } from "./errors.ts";
import { isThreshold, MAX_CUSTODIANS } from "./shares.ts";

const MAGIC = "MENSHEN-CUSTODIAN-SET";
const ENDORSEMENT_MAGIC = "MENSHEN-CUSTODIAN-ENDORSEMENT";
const VERSION = 1;
const IDENTITY_KEY_BYTES = 32;
const MAX_BODY_BYTES = 32;
const MAX_VERSION = 0xffff_ffff;
const MAX_BYTES = MAGIC.length + 7 + MAX_CUSTODIANS * (1 + MAX_BODY_BYTES + IDENTITY_KEY_BYTES);

/** One custodian of a set: which body it stands for, and the key by which its program is known. */
export interface Custodian {
  /** `committee`, `property`, `city`, or another body: 1 to 32 of `a`-`z`, `0`-`9`, `-`, beginning with a letter. */
  readonly body: string;
  /** Ed25519, 32 bytes; made by the custodian's program for this community alone. */
  readonly identityKey: Uint8Array;
}

/** Who holds shares. Member i, counted from 1, is custodian i of every ceremony held under this set. */
export interface CustodianSet {
  /** From 1, higher with each change. */
  readonly version: number;
  /** k: how many open together; n is the count of members. */
  readonly threshold: number;
  readonly members: readonly Custodian[];
}

/** A member of the set before agrees that another set takes its place. */
export interface Endorsement {
  /** Index from 1 in the set before. */
  readonly index: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A set that was in force, as a server shows it. */
export interface ShownSet {
  readonly set: CustodianSet;
  /** By members of the set before. */
  readonly endorsements: readonly Endorsement[];
}

/** The sets from the known one to the last, both included; or why there is no way from one to the other. */
export type FollowedSets =
  | { readonly followed: true; readonly sets: readonly CustodianSet[] }
  | { readonly followed: false; readonly refusal: "known-set-missing" | "not-endorsed" };

/**
 * The one encoding: header, version (4), k (1), n (1), then for each member the length of its body's name (1), the
 * name in ASCII and its identity key (32).
 *
 * @throws {CustodyError} `invalid-argument` for a version, threshold, body or key out of range, or when a body or key
 *   stands twice: one body with two voices would make the threshold a word
 */
export function encodeCustodianSet(set: CustodianSet): Uint8Array<ArrayBuffer> {
  const fault = faultOf(set);
  if (fault !== undefined) throw new CustodyError("invalid-argument", `expected custodians, got ${fault}`);
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(set.version, 4),
    unsigned(set.threshold, 1),
    unsigned(set.members.length, 1),
    ...set.members.flatMap(({ body, identityKey }) => [unsigned(body.length, 1), ascii(body), identityKey]),
  );
}

/**
 * Reads what {@link encodeCustodianSet} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseCustodianSet(bytes: Uint8Array): CustodianSet {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const version = reader.unsigned(4);
  const threshold = reader.unsigned(1);
  const count = reader.unsigned(1);
  if (!isThreshold({ k: threshold, n: count })) throw malformed("a threshold out of range");
  const members = Array.from({ length: count }, () => {
    const name = reader.take(reader.unsigned(1));
    return { body: String.fromCharCode(...name), identityKey: reader.take(IDENTITY_KEY_BYTES) };
  });
  reader.end();
  const set = { version, threshold, members };
  const fault = faultOf(set);
  if (fault !== undefined) throw malformed(fault);
  return set;
}

/**
 * Agrees, as a member of `previous`, that `next` takes its place.
 *
 * @param secretKey the 32-byte seed of the member's identity key
 * @throws {CustodyError} `invalid-argument` when the key is no member's, or the version does not rise
 */
export function endorse(input: {
  readonly previous: CustodianSet;
  readonly next: CustodianSet;
  readonly secretKey: Uint8Array;
}): Endorsement {
  const { previous, next, secretKey } = input;
  if (next.version <= previous.version) {
    throw new CustodyError("invalid-argument", "expected a set of a higher version");
  }
  const index = indexOfSigner(previous, secretKey);
  return { index, signature: ed25519Sign(secretKey, endorsementMessage(previous, next)) };
}

/**
 * Whether at least k distinct members of `previous` agreed to `next`, whose version is higher. A signature that does
 * not verify counts for nothing and condemns nothing: whoever carries the endorsements could have added it.
 */
export function verifyEndorsements(
  previous: CustodianSet,
  next: CustodianSet,
  endorsements: readonly Endorsement[],
): boolean {
  if (next.version <= previous.version) return false;
  return haveAgreed(previous, endorsements, (one) => verifyEndorsement(previous, next, one));
}

/**
 * Follows the sets that were in force from a known one to the last, each endorsed by the one before. Sets shown before
 * the known one are passed over: whoever invents them can have them endorse the known one.
 *
 * @param known absent: the first shown is believed as it comes
 * @param shown the oldest first
 */
export function followCustodianSets(
  known: CustodianSet | undefined,
  shown: readonly ShownSet[],
): FollowedSets {
  const first = known ?? shown[0]?.set;
  if (first === undefined) return { followed: true, sets: [] };
  const encoded = encodeCustodianSet(first);
  const from = shown.findIndex(({ set }) => equalBytes(encodeCustodianSet(set), encoded));
  if (from < 0) return { followed: false, refusal: "known-set-missing" };
  const sets = shown.slice(from);
  const isEndorsed = sets.every(({ set, endorsements }, position) => {
    const before = sets[position - 1];
    return before === undefined || verifyEndorsements(before.set, set, endorsements);
  });
  return isEndorsed
    ? { followed: true, sets: sets.map(({ set }) => set) }
    : { followed: false, refusal: "not-endorsed" };
}

/** Whether this one member of `previous` agreed to `next`. */
export function verifyEndorsement(
  previous: CustodianSet,
  next: CustodianSet,
  { index, signature }: Endorsement,
): boolean {
  const key = previous.members[index - 1]?.identityKey;
  if (key === undefined || next.version <= previous.version) return false;
  return ed25519Verify(key, endorsementMessage(previous, next), signature);
}

function endorsementMessage(previous: CustodianSet, next: CustodianSet): Uint8Array {
  return concatBytes(
    ascii(ENDORSEMENT_MAGIC),
    unsigned(VERSION, 1),
    sha512(encodeCustodianSet(previous)),
    sha512(encodeCustodianSet(next)),
  );
}

/** What is wrong with a set, in words without its content. */
function faultOf({ version, threshold, members }: CustodianSet): string | undefined {
  if (!Number.isInteger(version) || version < 1 || version > MAX_VERSION) return "a version out of range";
  if (!isThreshold({ k: threshold, n: members.length })) return "a threshold out of range";
  if (members.some(({ body }) => !BODY_NAME.test(body))) return "a body whose name is none";
  if (members.some(({ identityKey }) => identityKey.length !== IDENTITY_KEY_BYTES)) {
    return "a key of another length";
  }
  const bodies = new Set(members.map(({ body }) => body));
  const keys = new Set(members.map(({ identityKey }) => identityKey.join()));
  return bodies.size < members.length || keys.size < members.length ? "a body or key twice" : undefined;
}
