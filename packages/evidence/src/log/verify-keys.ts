import type { Primitives } from "@menshen/crypto";
import { type NoteKey, parseVerifierKey } from "../note/note-key.ts";
import type { LogIdentity } from "./open-checkpoint.ts";
import type { KnownWitness, WitnessPolicy } from "./witness-policy.ts";

/** A log as its server describes it; keys as C2SP signed-note writes them. */
export interface DescribedLog {
  readonly origin: string;
  readonly logKey: string;
  readonly witnesses: readonly {
    readonly body: string;
    readonly key: string;
    readonly extra?: boolean | undefined;
  }[];
  readonly quorum: number;
}

/** Keys with which a log can be verified by. */
export interface LogVerifyKeys {
  readonly identity: Omit<LogIdentity, "witnessKeys">;
  readonly policy: WitnessPolicy;
}

/** The keys of a description; undefined if the log's own key cannot be used. Witnesses whose keys cannot are left out. */
export function logVerifyKeysOf(
  { sha256 }: Pick<Primitives, "sha256">,
  log: DescribedLog,
): LogVerifyKeys | undefined {
  const keyOf = (text: string): NoteKey | undefined => {
    const parsed = parseVerifierKey(sha256, text);
    return parsed.parsed ? parsed.key : undefined;
  };
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
