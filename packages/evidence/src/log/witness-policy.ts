import type { NoteKey } from "../note/note-key.ts";
import type { VerifiedSignature } from "../note/note-signature.ts";

/** A witness as a reader knows it. */
export interface KnownWitness {
  /** Who runs it: `city`, `committee`, `resident`… Witnesses of one body count as one. */
  readonly body: string;
  /** Type `ed25519-cosignature`. */
  readonly key: NoteKey;
  /** It cosigns for whoever wants to look, and counts towards no quorum. */
  readonly extra?: boolean | undefined;
}

/**
 * Whose cosignatures make a checkpoint believable: a threshold over bodies, each witnessed by any of its own
 * witnesses (in C2SP tlog-policy: a group of `any` groups).
 */
export interface WitnessPolicy {
  readonly witnesses: readonly KnownWitness[];
  /** Bodies that must have cosigned, 0 for a log that is believed on its own signature. */
  readonly quorum: number;
}

/**
 * Whether cosignatures of enough different bodies are there.
 *
 * @param cosignatures as `openCheckpoint` verified them
 * @param notBeforeSeconds Unix seconds; a cosignature of an earlier time does not count. None: any time counts.
 */
export function meetsQuorum(
  policy: WitnessPolicy,
  cosignatures: readonly VerifiedSignature[],
  notBeforeSeconds?: number,
): boolean {
  return bodiesOf(policy, cosignatures, notBeforeSeconds).length >= policy.quorum;
}

/** The bodies whose witnesses cosigned and count, each once, in the policy's order. */
export function bodiesOf(
  { witnesses }: WitnessPolicy,
  cosignatures: readonly VerifiedSignature[],
  notBeforeSeconds = 0,
): string[] {
  const signed = countedIn(witnesses).filter(({ key }) =>
    cosignatures.some(
      (cosignature) =>
        isSameKey(cosignature.key, key) &&
        cosignature.timeSeconds !== undefined &&
        cosignature.timeSeconds >= notBeforeSeconds,
    ),
  );
  return [...new Set(signed.map(({ body }) => body))];
}

/** Witnesses that count towards a quorum. */
export function countedIn<W extends KnownWitness>(witnesses: readonly W[]): readonly W[] {
  return witnesses.filter(({ extra }) => extra !== true);
}

function isSameKey(one: NoteKey, other: NoteKey): boolean {
  return one.type === other.type && one.publicKey.join() === other.publicKey.join();
}
