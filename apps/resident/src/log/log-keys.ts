import { sha256 } from "@menshen/crypto";
import {
  type KnownWitness,
  type LogIdentity,
  type NoteKey,
  parseVerifierKey,
  type WitnessPolicy,
} from "@menshen/evidence";
import type { LogDescription } from "@menshen/wire";

/** Keys with which a log can be verified by. */
export interface LogKeys {
  readonly identity: Omit<LogIdentity, "witnessKeys">;
  readonly policy: WitnessPolicy;
}

/** The keys of a description; undefined if the log's own key cannot be used. Witnesses whose keys cannot are left out. */
export function keysOf(log: LogDescription): LogKeys | undefined {
  const logKey = keyOf(log.logKey);
  if (logKey === undefined) return undefined;
  const witnesses = log.witnesses.flatMap(({ body, key: text, extra }): KnownWitness[] => {
    const key = keyOf(text);
    return key === undefined ? [] : [{ body, key, extra }];
  });
  return {
    identity: { origin: log.origin, logKeys: [logKey] },
    policy: { witnesses, quorum: log.quorum },
  };
}

function keyOf(text: string): NoteKey | undefined {
  const parsed = parseVerifierKey(sha256, text);
  return parsed.parsed ? parsed.key : undefined;
}
