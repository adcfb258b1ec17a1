import {
  MAX_NAMED_DAYS,
  type OwnersVote,
  ordinaryMajorityShortfalls,
  type VoteShortfall,
} from "@menshen/domain";
import type { NamingMotion } from "@menshen/wire";
import { localDateTimeToEpochMs } from "../../components/local-time.ts";
import { areaDm2 } from "./area.ts";

const COUNTS = ["total", "voted", "inFavour"] as const;
export type Count = (typeof COUNTS)[number];

/** A motion as it is being typed. */
export interface MotionDraft {
  readonly title: string;
  readonly documentNumber: string;
  /** Hexadecimal, once a file was chosen. */
  readonly minutesSha256: string;
  /** Dates as `YYYY-MM-DD`. */
  readonly votedOn: string;
  readonly from: string;
  /** The last day, included. */
  readonly lastDay: string;
  readonly days: number;
  readonly heads: Readonly<Record<Count, string>>;
  /** Square metres. */
  readonly area: Readonly<Record<Count, string>>;
}

const none = { total: "", voted: "", inFavour: "" };
export const EMPTY_MOTION: MotionDraft = {
  title: "",
  documentNumber: "",
  minutesSha256: "",
  votedOn: "",
  from: "",
  lastDay: "",
  days: MAX_NAMED_DAYS,
  heads: none,
  area: none,
};

/** The vote, once all six numbers are there, and what it lacks. */
export function voteOf({
  heads,
  area,
}: Pick<MotionDraft, "heads" | "area">):
  | { readonly vote: OwnersVote; readonly shortfalls: readonly VoteShortfall[] }
  | undefined {
  const counted = measureOf(heads, (text) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined));
  const measured = measureOf(area, areaDm2);
  if (counted === undefined || measured === undefined) return undefined;
  const vote = { heads: counted, areaDm2: measured };
  return { vote, shortfalls: ordinaryMajorityShortfalls(vote) };
}

function measureOf(texts: Readonly<Record<Count, string>>, read: (text: string) => number | undefined) {
  const [total, voted, inFavour] = COUNTS.map((count) => read(texts[count]));
  if (total === undefined || voted === undefined || inFavour === undefined) return undefined;
  return { total, voted, inFavour };
}

/** The motion as the server takes it; undefined while something is missing or it did not pass. */
export function motionOf(draft: MotionDraft, timeZone: string): NamingMotion | undefined {
  const passed = voteOf(draft);
  const from = localDateTimeToEpochMs(`${draft.from}T00:00`, timeZone);
  const until = localDateTimeToEpochMs(`${dayAfter(draft.lastDay)}T00:00`, timeZone);
  const title = draft.title.trim();
  const documentNumber = draft.documentNumber.trim();
  const isComplete =
    title !== "" && documentNumber !== "" && draft.minutesSha256 !== "" && draft.votedOn !== "";
  if (passed === undefined || passed.shortfalls.length > 0 || !isComplete) return undefined;
  if (from === undefined || until === undefined || until <= from) return undefined;
  const { minutesSha256, votedOn, days } = draft;
  return { title, documentNumber, minutesSha256, votedOn, vote: passed.vote, days, from, until };
}

function dayAfter(day: string): string {
  const atMs = Date.parse(`${day}T00:00Z`);
  return Number.isNaN(atMs) ? "" : new Date(atMs + 86_400_000).toISOString().slice(0, 10);
}
