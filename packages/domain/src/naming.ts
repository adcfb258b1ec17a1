import { parseCanonicalJson } from "./canonical-json.ts";
import { DomainError } from "./errors.ts";

const DAY_MS = 86_400_000;

/** A desk key is destroyed this many days after its day at the latest. */
export const MAX_NAMED_DAYS = 7;
/** Everyone is named only this long after the motion was announced in the evidence log. */
export const NAMING_NOTICE_MS = 7 * DAY_MS;
/** A motion to name everyone ends by itself at the latest this long after its start. */
export const MAX_MOTION_MS = 366 * DAY_MS;
/** The longest day of a desk key: one on which the clocks go back. */
export const MAX_DESK_KEY_MS = 26 * 3_600_000;

/** Topic of the leaf that says what was decided. */
export const NAMING_TOPIC = "naming-decided";

/** What gates need of a decision's statement. */
export interface NamingStatement {
  readonly scope: "staff" | "everyone";
  /** When the server says it was recorded, Unix milliseconds. */
  readonly atMs: number;
  readonly fromMs: number;
  /** Exclusive; always there if everyone is named. */
  readonly untilMs?: number;
}

/**
 * Reads a statement of the topic `naming-decided`; docs/protocol/naming.md.
 *
 * @returns `undefined` for any other text, and for one that names everyone without an end or for longer than a year
 */
export function parseNamingStatement(text: string): NamingStatement | undefined {
  let value: ReturnType<typeof parseCanonicalJson>;
  try {
    value = parseCanonicalJson(text);
  } catch (fault) {
    if (fault instanceof DomainError) return undefined;
    throw fault;
  }
  if (typeof value !== "object" || !("topic" in value) || value.topic !== NAMING_TOPIC) return undefined;
  const { scope, at, from, until } = value;
  if (scope !== "staff" && scope !== "everyone") return undefined;
  if (typeof at !== "number" || typeof from !== "number") return undefined;
  if (until === undefined) return scope === "staff" ? { scope, atMs: at, fromMs: from } : undefined;
  if (typeof until !== "number" || until <= from) return undefined;
  if (scope === "everyone" && until - from > MAX_MOTION_MS) return undefined;
  return { scope, atMs: at, fromMs: from, untilMs: until };
}

/** From when on a decision names anybody, given when it was announced; never what lies before. */
export function namingStart({ scope, fromMs }: NamingStatement, announcedMs: number): number {
  return Math.max(fromMs, scope === "everyone" ? announcedMs + NAMING_NOTICE_MS : announcedMs);
}
