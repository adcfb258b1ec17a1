import { sha256 } from "@menshen/crypto/node";
import { countedIn, formatVerifierKey, type NoteKey, parseVerifierKey } from "@menshen/evidence";
import type { LogWitness } from "@menshen/evidence/node";
import type { WitnessBody } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { selectWitnesses, selectWitnessSettings } from "./witnesses.store.ts";

/** Who must have cosigned the log, as registered. */
export interface WitnessPolicy {
  readonly witnesses: readonly LogWitness[];
  /** Bodies that must cosign before a checkpoint is shown to anybody. */
  readonly quorum: number;
}

/** Name of a community's log: first line of its checkpoints, name of its key. */
export function logOrigin(communityId: string): string {
  return `log.menshen.local/${communityId}`;
}

/** The registered witnesses and their quorum. Throws `bad-configuration` for a stored key that is none. */
export async function readWitnessPolicy(db: Reader): Promise<WitnessPolicy> {
  const { quorum, residentsCount } = await selectWitnessSettings(db);
  const witnesses = (await selectWitnesses(db)).map(({ body, url, key: text }): LogWitness => {
    const key = cosigningKey(text);
    if (key === undefined) throw new CommunityError("bad-configuration", "a stored witness's key is none");
    return { body, url, key, extra: isExtra(body, residentsCount) };
  });
  return { witnesses, quorum };
}

/** A resident's witness cosigns for whoever wants to look; it counts only where the community says so. */
export function isExtra(body: WitnessBody, residentsCount: boolean): boolean {
  return body === "resident" && !residentsCount;
}

/** A verifier key that cosigns (type 04); `undefined` for any other text. */
export function cosigningKey(text: string): NoteKey | undefined {
  const parsed = parseVerifierKey(sha256, text);
  return parsed.parsed && parsed.key.type === "ed25519-cosignature" ? parsed.key : undefined;
}

/** What those believe who check the log elsewhere: the witnesses that count, and how many bodies must have signed. */
export function countedPolicy({ witnesses, quorum }: WitnessPolicy) {
  return {
    witnesses: countedIn(witnesses).map(({ body, key }) => ({ body, key: formatVerifierKey(key) })),
    quorum,
  };
}
