import { concatBytes, ed25519Sign, ed25519Verify, sha512 } from "@menshen/crypto";
import { BODY_NAME, haveAgreed, indexOfSigner } from "./agreement.ts";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import { type CustodianSet, type Endorsement, encodeCustodianSet } from "./custodian-set.ts";
import { CustodyError } from "./errors.ts";

const MAGIC = "MENSHEN-WITNESS-POLICY";
const ENDORSEMENT_MAGIC = "MENSHEN-WITNESS-ENDORSEMENT";
const VERSION = 1;
const MAX_VERSION = 0xffff_ffff;
const MAX_KEY_BYTES = 512;
const MAX_WITNESSES = 32;
const MAX_BYTES = MAGIC.length + 1 + 4 + 2 + MAX_KEY_BYTES + 2 + MAX_WITNESSES * (1 + 32 + 2 + MAX_KEY_BYTES);

/** Which evidence log is believed, and whose cosignatures it takes. */
export interface LogTrust {
  /** C2SP verifier key. */
  readonly logKey: string;
  /** Those that count: the body that runs each, and its C2SP verifier key. */
  readonly witnesses: readonly { readonly body: string; readonly key: string }[];
  /** Bodies that must have cosigned; 0: the log is believed on its own signature. */
  readonly quorum: number;
}

/** A policy that takes the place of the one before, whatever that asked for, when custodians endorse it. */
export interface WitnessPolicy extends LogTrust {
  /** From 1, higher with each change. */
  readonly version: number;
}

/** A policy as a server shows it. */
export interface ShownPolicy {
  readonly policy: WitnessPolicy;
  /** Version of the set whose members endorsed it. */
  readonly setVersion: number;
  readonly endorsements: readonly Endorsement[];
}

/**
 * The one encoding: header, version (4), length (2) of the log's key and the key, quorum (1), count of witnesses (1), then
 * for each the length of its body's name (1), the name, the length of its key (2) and the key; keys in UTF-8.
 *
 * @throws {CustodyError} `invalid-argument` for a version, quorum, body or key out of range, or a key that stands twice
 */
export function encodeWitnessPolicy(policy: WitnessPolicy): Uint8Array<ArrayBuffer> {
  const fault = faultOf(policy);
  if (fault !== undefined) throw new CustodyError("invalid-argument", `expected a policy, got ${fault}`);
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(policy.version, 4),
    ...keyField(policy.logKey),
    unsigned(policy.quorum, 1),
    unsigned(policy.witnesses.length, 1),
    ...policy.witnesses.flatMap(({ body, key }) => [unsigned(body.length, 1), ascii(body), ...keyField(key)]),
  );
}

/**
 * Reads what {@link encodeWitnessPolicy} wrote.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseWitnessPolicy(bytes: Uint8Array): WitnessPolicy {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const version = reader.unsigned(4);
  const logKey = takeKey(reader);
  const quorum = reader.unsigned(1);
  const witnesses = Array.from({ length: reader.unsigned(1) }, () => {
    const body = String.fromCharCode(...reader.take(reader.unsigned(1)));
    return { body, key: takeKey(reader) };
  });
  reader.end();
  const policy = { version, logKey, witnesses, quorum };
  const fault = faultOf(policy);
  if (fault !== undefined) throw malformed(fault);
  return policy;
}

/**
 * Agrees, as a member of `set`, to a policy.
 *
 * @param secretKey the 32-byte seed of the member's identity key
 * @throws {CustodyError} `invalid-argument` when the key is no member's, or the policy is none
 */
export function endorseWitnessPolicy(input: {
  readonly set: CustodianSet;
  readonly policy: WitnessPolicy;
  readonly secretKey: Uint8Array;
}): Endorsement {
  const { set, policy, secretKey } = input;
  const index = indexOfSigner(set, secretKey);
  return { index, signature: ed25519Sign(secretKey, endorsementMessage(set, policy)) };
}

/** Whether this one member of `set` agreed to the policy. */
export function verifyPolicyEndorsement(
  set: CustodianSet,
  policy: WitnessPolicy,
  { index, signature }: Endorsement,
): boolean {
  const key = set.members[index - 1]?.identityKey;
  return key !== undefined && ed25519Verify(key, endorsementMessage(set, policy), signature);
}

/**
 * Whether a shown policy takes the place of the one believed: it is newer, and at least k distinct members endorsed it, of
 * one of the sets believed now. Signatures that do not verify count for nothing and condemn nothing.
 *
 * @param known version of the policy believed; 0 for one that nobody endorsed
 * @param sets the last set that was believed before, and those that took its place since
 */
export function isEndorsedPolicy(
  known: number,
  { policy, setVersion, endorsements }: ShownPolicy,
  sets: readonly CustodianSet[],
): boolean {
  const set = sets.find(({ version }) => version === setVersion);
  if (set === undefined || policy.version <= known) return false;
  return haveAgreed(set, endorsements, (one) => verifyPolicyEndorsement(set, policy, one));
}

/**
 * Whether whatever meets `offered` meets `held` too, so that nobody has to agree: the same log, all witnesses relied on,
 * and each that is added raises the quorum, for otherwise a server could add one of its own and let it sign alone. Where
 * nothing was asked for, everything asks for no less.
 *
 * @param held,offered the log's key, the keys of witnesses that count, and how many must sign
 */
export function asksForNoLess(
  held: { readonly logKey: string; readonly witnesses: readonly string[]; readonly quorum: number },
  offered: { readonly logKey: string; readonly witnesses: readonly string[]; readonly quorum: number },
): boolean {
  if (offered.logKey !== held.logKey) return false;
  const added = offered.witnesses.filter((witness) => !held.witnesses.includes(witness)).length;
  return (
    held.quorum === 0 ||
    (offered.quorum >= held.quorum + added &&
      held.witnesses.every((witness) => offered.witnesses.includes(witness)))
  );
}

function endorsementMessage(set: CustodianSet, policy: WitnessPolicy): Uint8Array {
  return concatBytes(
    ascii(ENDORSEMENT_MAGIC),
    unsigned(VERSION, 1),
    sha512(encodeCustodianSet(set)),
    sha512(encodeWitnessPolicy(policy)),
  );
}

function keyField(key: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(key);
  return [unsigned(bytes.length, 2), bytes];
}

function takeKey(reader: ByteReader): string {
  const bytes = reader.take(reader.unsigned(2));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("a key that is no text");
  }
}

/** What is wrong with a policy, in words without its content. */
function faultOf({ version, logKey, witnesses, quorum }: WitnessPolicy): string | undefined {
  if (!Number.isInteger(version) || version < 1 || version > MAX_VERSION) return "a version out of range";
  if (witnesses.length > MAX_WITNESSES) return "too many witnesses";
  const bodies = new Set(witnesses.map(({ body }) => body));
  if (!Number.isInteger(quorum) || quorum < 0 || quorum > bodies.size) return "a quorum out of range";
  if (witnesses.some(({ body }) => !BODY_NAME.test(body))) return "a body whose name is none";
  const keys = [logKey, ...witnesses.map(({ key }) => key)];
  if (new Set(keys).size < keys.length) return "a key twice";
  const isKey = (key: string) =>
    key.length > 0 && key.isWellFormed() && new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
  return keys.every(isKey) ? undefined : "a key of another length";
}
