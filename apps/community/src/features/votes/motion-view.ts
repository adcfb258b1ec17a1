import { toHex } from "@menshen/crypto/node";
import { parseTally } from "@menshen/custody";
import { MATTER_ITEMS, majorityOf, stageOf } from "@menshen/domain";
import type { Motion, PublicMotion } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { StoredMotion } from "./motions.store.ts";

/** A motion as everybody reads it. */
export function publicMotion(motion: StoredMotion, now: number): PublicMotion {
  const { id, matter, title, text, opensAt, closesAt, heads, areaDm2, votedHeads } = motion;
  return {
    id,
    matter,
    item: MATTER_ITEMS[matter],
    majority: majorityOf(matter),
    stage: stageOf(motion, now),
    title,
    text,
    ...optional("subject", motion.subject),
    opensAt,
    closesAt,
    ...optional("publishedAt", motion.publishedAt),
    ...optional("withdrawnAt", motion.withdrawnAt),
    ...optional("agendaSha256", motion.agendaSha256),
    ...(motion.publishedAt === undefined ? {} : { roll: { heads, areaDm2 } }),
    votedHeads,
    ...(motion.isSecret ? { secret: secretOf(motion) } : {}),
    ...optional("result", motion.result),
  };
}

function secretOf({ ballotKey, tally, tallyShares }: StoredMotion): NonNullable<PublicMotion["secret"]> {
  return {
    ...optional("key", ballotKey && toHex(ballotKey)),
    ...optional("tallySha512", tally && toHex(parseTally(tally).digest)),
    shares: tallyShares,
  };
}

/** As the staff sees it. */
export function staffMotion(motion: StoredMotion, now: number): Motion {
  const { revision, papersWaiting, proxies } = motion;
  return {
    ...publicMotion(motion, now),
    revision,
    papersWaiting,
    proxies,
    ...optional("usedFor", motion.usedFor),
  };
}
