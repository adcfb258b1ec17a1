import { MAX_DESK_KEY_MS, NAMING_TOPIC, namingStart, parseNamingStatement } from "@menshen/domain";
import type { NamingScope, TrailNaming } from "@menshen/wire";
import type { makeLeafProof } from "./leaf-proof.ts";

/** A key of the duty desk, and the time whose entries are named to it. Plain values, kept sealed. */
export interface DeskKey {
  readonly scope: NamingScope;
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** X25519. */
  readonly key: Uint8Array;
}

/**
 * The desk keys this gate believes: of decisions that stand in the log, each within what its statement says. Everyone is
 * named a week after witnesses saw the decision, whatever the server says: it may name nobody whom nobody was told of.
 */
export function believedDeskKeys(
  naming: readonly TrailNaming[],
  proves: ReturnType<typeof makeLeafProof>,
): readonly DeskKey[] {
  return naming.flatMap(({ scope, evidence, deskKeys }) => {
    const statement = parseNamingStatement(evidence.statement);
    const proven = proves(NAMING_TOPIC, evidence);
    if (statement?.scope !== scope || proven === undefined) return [];
    const start = namingStart(statement, proven.witnessedMs ?? statement.atMs);
    return deskKeys.flatMap(({ from, until, key }) => {
      const fromMs = Math.max(from, start);
      const untilMs = Math.min(until, statement.untilMs ?? until);
      return until - from > MAX_DESK_KEY_MS || fromMs >= untilMs ? [] : [{ scope, fromMs, untilMs, key }];
    });
  });
}

/**
 * The key that an entry is named to. A time in doubt names nobody: it may lie outside.
 *
 * @param told whether its credential belongs to a member of staff who was told
 */
export function deskKeyFor(
  keys: readonly DeskKey[],
  { earliest, latest }: { readonly earliest: number; readonly latest: number },
  told: boolean,
): Uint8Array | undefined {
  const covering = keys.filter(({ fromMs, untilMs }) => earliest >= fromMs && latest < untilMs);
  const ofScope = (scope: NamingScope) => covering.find((one) => one.scope === scope)?.key;
  return (told ? ofScope("staff") : undefined) ?? ofScope("everyone");
}
