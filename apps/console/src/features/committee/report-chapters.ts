import type { EvidenceTopic } from "@menshen/wire";

/** What the counts of a yearly report are grouped by, in its order; votes and vendors are told by name before. */
export const CHAPTERS = ["complaints", "incidents", "openings", "deletions", "data", "rest"] as const;
export type Chapter = (typeof CHAPTERS)[number];

const DELETIONS: readonly EvidenceTopic[] = ["records-deleted", "person-erased", "shares-destroyed"];
const TOLD_BY_NAME: readonly EvidenceTopic[] = ["motion-counted", "vendor-page-written"];
const BEGINNINGS: readonly (readonly [string, Chapter])[] = [
  ["complaint-", "complaints"],
  ["penalty-", "complaints"],
  ["incident-", "incidents"],
  ["opening-", "openings"],
  ["hold-", "openings"],
  ["naming-", "openings"],
  ["consent-", "data"],
  ["data-", "data"],
  ["recipient-", "data"],
  ["personal-data-", "data"],
];

/** @returns `undefined` for what is told by name */
export function chapterOf(topic: EvidenceTopic): Chapter | undefined {
  if (TOLD_BY_NAME.includes(topic)) return undefined;
  if (DELETIONS.includes(topic)) return "deletions";
  return BEGINNINGS.find(([beginning]) => topic.startsWith(beginning))?.[1] ?? "rest";
}
