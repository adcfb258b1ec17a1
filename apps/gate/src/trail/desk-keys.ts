import { sha256, toHex } from "@menshen/crypto/node";
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

/** When a decision was in the open, by the first proof of it that this gate believed. */
export interface Announcement {
  /** SHA-256 of the statement, hexadecimal. */
  readonly statement: string;
  readonly atMs: number;
}

/** One decision of each scope stands at a time; a few more, since a withdrawn one may be the last that was shown. */
const MAX_ANNOUNCEMENTS = 8;

/**
 * What this gate remembers of announcements: a proof that is renewed for more witnesses was signed later, and the week of
 * a decision that was long in the open must not begin again.
 */
export function announcementsAfter(
  held: readonly Announcement[],
  naming: readonly TrailNaming[],
  proves: ReturnType<typeof makeLeafProof>,
): readonly Announcement[] {
  const seen = new Map<string, number>();
  for (const one of naming) {
    const decision = provenDecision(one, proves);
    if (decision !== undefined) seen.set(statementHash(one), decision.announcedMs);
  }
  for (const { statement, atMs } of held) seen.set(statement, Math.min(atMs, seen.get(statement) ?? atMs));
  return [...seen].slice(0, MAX_ANNOUNCEMENTS).map(([statement, atMs]) => ({ statement, atMs }));
}

/**
 * The desk keys this gate believes: of decisions that stand in the log, each within what its statement says. Everyone is
 * named a week after witnesses saw the decision, whatever the server says: it may name nobody whom nobody was told of.
 *
 * @param announced as {@link announcementsAfter} remembers them
 */
export function believedDeskKeys(
  naming: readonly TrailNaming[],
  proves: ReturnType<typeof makeLeafProof>,
  announced: readonly Announcement[] = [],
): readonly DeskKey[] {
  return naming.flatMap((one) => {
    const decision = provenDecision(one, proves);
    if (decision === undefined) return [];
    const { scope, deskKeys } = one;
    const hash = statementHash(one);
    const first = announced.find(({ statement }) => statement === hash)?.atMs ?? decision.announcedMs;
    const { statement } = decision;
    const start = namingStart(statement, Math.min(first, decision.announcedMs));
    return deskKeys.flatMap(({ from, until, key }) => {
      const fromMs = Math.max(from, start);
      const untilMs = Math.min(until, statement.untilMs ?? until);
      return until - from > MAX_DESK_KEY_MS || fromMs >= untilMs ? [] : [{ scope, fromMs, untilMs, key }];
    });
  });
}

function provenDecision({ scope, evidence }: TrailNaming, proves: ReturnType<typeof makeLeafProof>) {
  const statement = parseNamingStatement(evidence.statement);
  const proven = proves(NAMING_TOPIC, evidence);
  if (statement?.scope !== scope || proven === undefined) return undefined;
  return { statement, announcedMs: proven.witnessedMs ?? statement.atMs };
}

function statementHash({ evidence }: TrailNaming): string {
  return toHex(sha256(new TextEncoder().encode(evidence.statement)));
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
