import { sha256 } from "@menshen/crypto/node";
import { type NoteKey, parseVerifierKey } from "@menshen/evidence";
import type { LogWitness } from "@menshen/evidence/node";
import { CommunityError } from "../../errors.ts";

/** A witness as the configuration names it. */
export interface WitnessSetting {
  readonly body: string;
  readonly url: string;
  /** C2SP verifier key of type `ed25519-cosignature`. */
  readonly key: string;
}

/** Name of a community's log: first line of its checkpoints, name of its key. */
export function logOrigin(communityId: string): string {
  return `log.menshen.local/${communityId}`;
}

/**
 * The witnesses of a configuration. Throws `bad-configuration` for a key that is none or cosigns nothing, one given
 * twice, and a quorum of more bodies than there are.
 */
export function readWitnesses(settings: readonly WitnessSetting[], quorum: number): readonly LogWitness[] {
  const witnesses = settings.map(({ body, url, key }) => ({ body, url, key: witnessKey(key) }));
  const names = new Set(witnesses.map(({ key }) => key.name));
  if (names.size < witnesses.length) throw misconfigured("two witnesses have the same name");
  const bodies = new Set(witnesses.map(({ body }) => body));
  if (quorum > bodies.size) {
    throw misconfigured(`a quorum of ${quorum} needs witnesses of as many bodies, there are ${bodies.size}`);
  }
  return witnesses;
}

function witnessKey(text: string): NoteKey {
  const parsed = parseVerifierKey(sha256, text);
  if (!parsed.parsed) throw misconfigured(`a witness's key is refused: ${parsed.refusal}`);
  if (parsed.key.type !== "ed25519-cosignature") {
    throw misconfigured("a witness's key must be one that cosigns (type 04)");
  }
  return parsed.key;
}

function misconfigured(message: string): CommunityError {
  return new CommunityError("bad-configuration", `/evidence: ${message}`);
}
