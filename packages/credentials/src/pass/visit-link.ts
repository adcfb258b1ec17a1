import { type PassText, readPassFragment, writePassFragment } from "./pass-text.ts";

/**
 * What a link says beside its pass, so that the visitor reads names where the pass has tags. Nobody signed it: it is what
 * whoever sent the link wrote, and no gate reads it.
 */
export interface VisitNote {
  readonly community: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Names of doors, in the order of the pass. */
  readonly doors: readonly string[];
  /** Of a token, which says nothing of its day: Unix milliseconds, `until` exclusive. */
  readonly day?: { readonly from: number; readonly until: number };
}

const MAX_NOTE_CHARACTERS = 4_000;
const MAX_NAME_CHARACTERS = 80;
const MAX_DOORS = 64;
/** Beyond what a date can be. */
const MAX_MS = 8_640_000_000_000_000;

/** The part of a visitor's link behind `#`: the pass, and a note behind a full stop. */
export function writeVisitFragment(
  kind: "visitor-pass" | "visit-token",
  message: Uint8Array,
  note: VisitNote,
): string {
  const bytes = new TextEncoder().encode(JSON.stringify(note));
  const base64 = btoa(String.fromCharCode(...bytes));
  return `${writePassFragment(kind, message)}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** What a visitor's link holds, its `#` taken off. A note that is none, or not there, leaves the pass as it is. */
export function readVisitFragment(fragment: string):
  | {
      readonly pass: PassText & { readonly kind: "visitor-pass" | "visit-token" };
      readonly note: VisitNote | undefined;
    }
  | undefined {
  const [first = "", second, ...more] = fragment.split(".", 3);
  const pass = more.length > 0 ? undefined : readPassFragment(first);
  if (pass === undefined || (pass.kind !== "visitor-pass" && pass.kind !== "visit-token")) return undefined;
  const { kind, message } = pass;
  return { pass: { kind, message }, note: second === undefined ? undefined : noteIn(second) };
}

function noteIn(base64url: string): VisitNote | undefined {
  if (base64url.length > MAX_NOTE_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(base64url)) return undefined;
  if (base64url.length % 4 === 1) return undefined;
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { community, timeZone, doors, day } = value as Readonly<Record<string, unknown>>;
  if (!isName(community) || !isZone(timeZone) || !Array.isArray(doors) || doors.length > MAX_DOORS) {
    return undefined;
  }
  const names: unknown[] = doors;
  if (!names.every(isName)) return undefined;
  if (day === undefined) return { community, timeZone, doors: names };
  const span = dayIn(day);
  return span === undefined ? undefined : { community, timeZone, doors: names, day: span };
}

function dayIn(value: unknown): VisitNote["day"] {
  if (typeof value !== "object" || value === null) return undefined;
  const { from, until } = value as Readonly<Record<string, unknown>>;
  return isMoment(from) && isMoment(until) && from < until ? { from, until } : undefined;
}

function isMoment(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_MS;
}

/** A name of one line: nothing that turns the direction of what follows, and nothing that cannot be seen. */
function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length <= MAX_NAME_CHARACTERS &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
  );
}

function isZone(value: unknown): value is string {
  if (typeof value !== "string" || value.length > 40) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
