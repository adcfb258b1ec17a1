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
    ...optional("result", motion.result),
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
