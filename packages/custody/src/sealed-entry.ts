import {
  concatBytes,
  equalBytes,
  type RandomBytes,
  RistrettoElement,
  RistrettoScalar,
  sha512,
  wipe,
  XCHACHA_TAG_BYTES,
  xchachaSeal,
} from "@menshen/crypto";
import { ascii, ByteReader, malformed, unsigned } from "./bytes.ts";
import type { EpochKey } from "./epoch-key.ts";
import { type EqualLogsProof, prepareProof, verifyEqualLogs } from "./equal-logs.ts";
import { CustodyError } from "./errors.ts";
import { type EntryLabel, encodeLabel, readLabel } from "./label.ts";

const MAGIC = "MENSHEN-SEALED-ENTRY";
const VERSION = 1;
const MASK_TAG = ascii("MENSHEN-CUSTODY-V1/H1");
const VALIDITY_DOMAIN = "MENSHEN-CUSTODY-V1/H2";
const MAX_BYTES = 4_096;

/** Longest text one entry seals. */
export const MAX_PLAINTEXT_BYTES = 2_048;

/** Length of the key that TDH2 encrypts and that seals the text. */
const CONTENT_KEY_BYTES = 32;

/** A ciphertext of TDH2 with what its key seals: the scheme's (c, L, u, ū, e, f). */
export interface SealedEntry {
  readonly epoch: number;
  readonly label: EntryLabel;
  /** c: the content key under a mask that only k custodians can compute. */
  readonly maskedKey: Uint8Array;
  /** u = g^r. */
  readonly u: RistrettoElement;
  /** ū = ḡ^r. */
  readonly uBar: RistrettoElement;
  /** (e, f): that u and ū have one logarithm, said together with c and L. */
  readonly proof: EqualLogsProof;
  /** The text under the content key, with its tag. */
  readonly payload: Uint8Array;
}

/**
 * Seals a text to the custodians of an epoch under the label of its entry: "Encryption" of TDH2 (Shoup and
 * Gennaro), the encrypted message being a fresh 32-byte key, and the text sealed under that key by
 * XChaCha20-Poly1305.
 *
 * The length of the text shows; whoever seals texts of different lengths pads them first.
 *
 * @param random the operating system's generator
 * @returns the encoded entry: 251 bytes and the text
 * @throws {CustodyError} `invalid-argument` for a text over 2048 bytes or a label out of range
 */
export function sealEntry(input: {
  readonly key: EpochKey;
  readonly label: EntryLabel;
  readonly plaintext: Uint8Array;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  return prepareSeal(input.key, input.random)(input);
}

/** Seals one text, as {@link sealEntry} does. A second call is an `invalid-argument`: it would give both away. */
export type PreparedSeal = (entry: {
  readonly label: EntryLabel;
  readonly plaintext: Uint8Array;
}) => Uint8Array<ArrayBuffer>;

/**
 * Does ahead, when nobody waits, nine tenths of what sealing one entry takes: what does not depend on the entry. The
 * first for a key takes 20 ms more and leaves 2 MB of tables, for as long as the key's object lives.
 *
 * @param random the operating system's generator
 */
export function prepareSeal(key: EpochKey, random: RandomBytes): PreparedSeal {
  const bases = sealingBasesOf(key);
  const contentKey = random(CONTENT_KEY_BYTES);
  const r = RistrettoScalar.random(random);
  const nonce = RistrettoScalar.random(random);
  const mask = maskOf(bases.publicKey.times(r));
  const maskedKey = contentKey.map((byte, i) => byte ^ (mask[i] ?? 0));
  wipe(mask);
  const [u, uBar] = [bases.generator.times(r), bases.secondGenerator.times(r)];
  const powers = powersOf(bases, { u, uBar });
  const prove = prepareProof({ powers, secret: r, nonce });
  let used = false;
  return ({ label, plaintext }) => {
    if (used) throw new CustodyError("invalid-argument", "expected a seal that was not used");
    if (plaintext.length > MAX_PLAINTEXT_BYTES) {
      throw new CustodyError(
        "invalid-argument",
        `expected at most ${MAX_PLAINTEXT_BYTES} bytes, got ${plaintext.length}`,
      );
    }
    const encodedLabel = encodeLabel(label);
    used = true;
    // The key seals this one text, so its nonce may be constant.
    const payload = xchachaSeal(contentKey, new Uint8Array(24), plaintext, encodedLabel);
    wipe(contentKey);
    const entry = { epoch: key.epoch, label, maskedKey, u, uBar, payload };
    return encodeSealedEntry({ ...entry, proof: prove(VALIDITY_DOMAIN, statementOf(key, entry)) });
  };
}

/**
 * Whether the entry was sealed to this key, under the label it carries, by someone who knew its text: the
 * check that TDH2 asks of every custodian before it answers, and that anybody can make.
 */
export function verifySealedEntry(key: EpochKey, entry: SealedEntry): boolean {
  return (
    entry.epoch === key.epoch &&
    verifyEqualLogs({
      domain: VALIDITY_DOMAIN,
      statement: statementOf(key, entry),
      powers: powersOf({ generator: RistrettoElement.base, secondGenerator: key.secondGenerator }, entry),
      proof: entry.proof,
    })
  );
}

/** The one encoding: header, epoch (4), label (48), c, u, ū, e, f (32 each), payload with its length (2). */
export function encodeSealedEntry(entry: SealedEntry): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ascii(MAGIC),
    unsigned(VERSION, 1),
    unsigned(entry.epoch, 4),
    encodeLabel(entry.label),
    entry.maskedKey,
    entry.u.toBytes(),
    entry.uBar.toBytes(),
    entry.proof.challenge.toBytes(),
    entry.proof.response.toBytes(),
    unsigned(entry.payload.length, 2),
    entry.payload,
  );
}

/**
 * Reads what {@link sealEntry} made. It does not yet say that the entry is valid: {@link verifySealedEntry}.
 *
 * @throws {CustodyError} `malformed`, `too-large`, `unknown-version`
 */
export function parseSealedEntry(bytes: Uint8Array): SealedEntry {
  const reader = new ByteReader(bytes, MAX_BYTES);
  reader.header(MAGIC, VERSION);
  const epoch = reader.unsigned(4);
  const label = readLabel(reader);
  const maskedKey = reader.take(CONTENT_KEY_BYTES);
  const [u, uBar] = [reader.element(), reader.element()];
  const proof = { challenge: reader.scalar(), response: reader.scalar() };
  const payloadBytes = reader.unsigned(2);
  if (payloadBytes < XCHACHA_TAG_BYTES || payloadBytes > MAX_PLAINTEXT_BYTES + XCHACHA_TAG_BYTES) {
    throw malformed("a payload of a length out of range");
  }
  const payload = reader.take(payloadBytes);
  reader.end();
  return { epoch, label, maskedKey, u, uBar, proof, payload };
}

/** Names a sealed entry, 64 bytes: a custodian's answer is bound to it. */
export function sealedEntryDigest(entry: SealedEntry): Uint8Array {
  return sha512(encodeSealedEntry(entry));
}

/** Whether two labels name the same entry. */
export function isSameLabel(a: EntryLabel, b: EntryLabel): boolean {
  return equalBytes(encodeLabel(a), encodeLabel(b));
}

/** H1 of TDH2: the mask of the content key, from h^r. */
export function maskOf(shared: RistrettoElement): Uint8Array {
  return sha512(concatBytes(MASK_TAG, shared.toBytes())).slice(0, CONTENT_KEY_BYTES);
}

/** c and the label L of TDH2: here key, entry label and sealed text, so that none can be exchanged. */
function statementOf(key: EpochKey, entry: Pick<SealedEntry, "maskedKey" | "label" | "payload">): Uint8Array {
  return concatBytes(entry.maskedKey, key.id, encodeLabel(entry.label), entry.payload);
}

function powersOf(
  bases: Pick<SealingBases, "generator" | "secondGenerator">,
  entry: Pick<SealedEntry, "u" | "uBar">,
) {
  return [
    { base: bases.generator, image: entry.u },
    { base: bases.secondGenerator, image: entry.uBar },
  ];
}

/** What {@link prepareSeal} multiplies, with tables: all five multiplications are of these three. */
interface SealingBases {
  readonly generator: RistrettoElement;
  readonly secondGenerator: RistrettoElement;
  readonly publicKey: RistrettoElement;
}

const sealingBases = new WeakMap<EpochKey, SealingBases>();
let tabledGenerator: RistrettoElement | undefined;

function sealingBasesOf(key: EpochKey): SealingBases {
  const known = sealingBases.get(key);
  if (known !== undefined) return known;
  tabledGenerator ??= RistrettoElement.base.tabled();
  const made = {
    generator: tabledGenerator,
    secondGenerator: key.secondGenerator.tabled(),
    publicKey: key.publicKey.tabled(),
  };
  sealingBases.set(key, made);
  return made;
}
