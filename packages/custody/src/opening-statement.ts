import { type CanonicalJson, canonicalJson, DomainError, parseCanonicalJson } from "@menshen/domain";

/** Topic of the leaf by which a request stands in the evidence log. */
export const OPENING_TOPIC = "opening-requested";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a request may ask for at most. Times in milliseconds. */
export const OPENING_LIMITS = {
  /** Without an extension. */
  accessPoints: 5,
  windowMs: DAY_MS,
  /** With an extension, which has a document of its own. */
  extendedAccessPoints: 20,
  extendedWindowMs: 7 * DAY_MS,
  /** Danger to life. */
  emergencyAccessPoints: 1,
  emergencyWindowMs: 2 * HOUR_MS,
  emergencyDeadlineMs: DAY_MS,
  /** From the request to the last moment of an answer. */
  deadlineMs: 30 * DAY_MS,
  /** From the request to the moment when the persons concerned are told. */
  sealMs: 366 * DAY_MS,
  entries: 5_000,
} as const;

/** `emergency`: danger to life; the papers may follow, the threshold stays. */
export type OpeningPath = "ordinary" | "emergency";

/** Why more than five doors or 24 hours are asked for, and the document that says so. */
export interface OpeningExtension {
  readonly reason: string;
  /** SHA-256 of the document, 64 lower-case hexadecimal digits. */
  readonly documentSha256: string;
}

/**
 * What an authority asks for, as it stands in the evidence log. Times are Unix milliseconds. Made only by
 * {@link parseOpeningStatement} and {@link checkOpeningStatement}.
 */
export interface OpeningStatement {
  readonly topic: typeof OPENING_TOPIC;
  readonly at: number;
  /** UUID, lower case, as are the access points. */
  readonly requestId: string;
  readonly authority: string;
  /** Absent only on the emergency path, together with its hash. */
  readonly documentNumber?: string;
  readonly documentSha256?: string;
  /** Distinct, at least one. */
  readonly accessPointIds: readonly string[];
  /** The window: `from` is inside, `until` is not. Wholly past when the request is made. */
  readonly from: number;
  readonly until: number;
  readonly extension?: OpeningExtension;
  readonly purpose: string;
  /** Nobody answers later than this. */
  readonly deadline: number;
  readonly path: OpeningPath;
  /** When the persons concerned are told; not before the deadline. */
  readonly sealUntil: number;
  /** Entries that may be opened at most. */
  readonly entryCap: number;
}

/**
 * Why a text is no request.
 *
 * - `malformed`: not the one text of an object; `unknown-field`, `missing-field`, `invalid-field`: the field is named;
 * - `wildcard`: access points that stand for others, or none;
 * - `window-empty`, `window-not-past`: ends before it begins, or is not over: that would be a watch kept on people;
 * - `needs-extension`: more than five doors or 24 hours without a further document; `too-wide`: also with one;
 * - `emergency-too-wide`: more than one door or two hours, an extension, or a deadline beyond a day;
 * - `deadline-out-of-range`, `seal-out-of-range`, `cap-out-of-range`.
 */
export type OpeningStatementRefusal =
  | "malformed"
  | "unknown-field"
  | "missing-field"
  | "invalid-field"
  | "wildcard"
  | "window-empty"
  | "window-not-past"
  | "needs-extension"
  | "too-wide"
  | "emergency-too-wide"
  | "deadline-out-of-range"
  | "seal-out-of-range"
  | "cap-out-of-range";

/** A request, or the first thing that is wrong with it. */
export type OpeningStatementParsed =
  | { readonly parsed: true; readonly statement: OpeningStatement }
  | {
      readonly parsed: false;
      readonly refusal: OpeningStatementRefusal;
      /** The field that is wrong, where it is one. */
      readonly field?: string;
    };

type Refused = Extract<OpeningStatementParsed, { readonly parsed: false }>;
type Fields = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Characters that a person cannot see or that turn the direction of writing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const MAX_CHARACTERS = 8_192;

const isTime = (value: unknown) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isTextUpTo = (limit: number) => (value: unknown) =>
  typeof value === "string" &&
  value.length >= 1 &&
  value.length <= limit &&
  value.trim() === value &&
  !UNSEEN.test(value);
const isSha256 = (value: unknown) => typeof value === "string" && SHA256.test(value);

/** Each field and what it must be by itself; the order is the order of complaints. */
const FIELDS: Readonly<
  Record<string, { readonly may?: "be absent"; readonly fits: (value: unknown) => boolean }>
> = {
  topic: { fits: (value) => value === OPENING_TOPIC },
  at: { fits: isTime },
  requestId: { fits: (value) => typeof value === "string" && UUID.test(value) },
  authority: { fits: isTextUpTo(200) },
  path: { fits: (value) => value === "ordinary" || value === "emergency" },
  documentNumber: { may: "be absent", fits: isTextUpTo(100) },
  documentSha256: { may: "be absent", fits: isSha256 },
  accessPointIds: { fits: isListOfAccessPoints },
  from: { fits: isTime },
  until: { fits: isTime },
  extension: { may: "be absent", fits: isExtension },
  purpose: { fits: isTextUpTo(500) },
  deadline: { fits: isTime },
  sealUntil: { fits: isTime },
  entryCap: { fits: isTime },
};

/** The one text of a request, canonical JSON. */
export function encodeOpeningStatement(statement: OpeningStatement): string {
  const { accessPointIds, extension, ...rest } = statement;
  const value: Record<string, CanonicalJson> = { ...rest, accessPointIds: [...accessPointIds] };
  if (extension !== undefined) value.extension = { ...extension };
  return canonicalJson(value);
}

/** Reads what {@link encodeOpeningStatement} wrote, and checks that it keeps within {@link OPENING_LIMITS}. */
export function parseOpeningStatement(text: string): OpeningStatementParsed {
  let value: CanonicalJson;
  try {
    value = parseCanonicalJson(text, MAX_CHARACTERS);
  } catch (error) {
    if (error instanceof DomainError) return refuse("malformed");
    throw error;
  }
  return checkOpeningStatement(value);
}

/** Checks a request's fields, each by itself and then together. Never throws. */
export function checkOpeningStatement(value: unknown): OpeningStatementParsed {
  if (!isObject(value)) return refuse("malformed");
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(FIELDS, name));
  if (unknown !== undefined) return refuse("unknown-field", unknown.slice(0, 64));
  for (const [name, { may, fits }] of Object.entries(FIELDS)) {
    const field = value[name];
    if (field === undefined) {
      if (may !== undefined) continue;
      return refuse("missing-field", name);
    }
    if (name === "accessPointIds" && isWildcard(field)) return refuse("wildcard", name);
    if (!fits(field)) return refuse("invalid-field", name);
  }
  // INVARIANT: every field passed its own check above, which is what makes this type true.
  const statement = value as Fields & OpeningStatement;
  return refusalTogether(statement) ?? { parsed: true, statement };
}

function refusalTogether(statement: OpeningStatement): Refused | undefined {
  const { at, from, until, deadline, sealUntil, entryCap, path } = statement;
  if (until <= from) return refuse("window-empty", "until");
  if (until > at) return refuse("window-not-past", "until");
  const refused = path === "emergency" ? emergencyRefusal(statement) : ordinaryRefusal(statement);
  if (refused !== undefined) return refused;
  if (deadline <= at || deadline - at > OPENING_LIMITS.deadlineMs) {
    return refuse("deadline-out-of-range", "deadline");
  }
  if (sealUntil < deadline || sealUntil - at > OPENING_LIMITS.sealMs) {
    return refuse("seal-out-of-range", "sealUntil");
  }
  if (entryCap < 1 || entryCap > OPENING_LIMITS.entries) return refuse("cap-out-of-range", "entryCap");
  return undefined;
}

function emergencyRefusal(statement: OpeningStatement): Refused | undefined {
  const { at, from, until, deadline, accessPointIds, extension } = statement;
  if (extension !== undefined) return refuse("emergency-too-wide", "extension");
  if (accessPointIds.length > OPENING_LIMITS.emergencyAccessPoints) {
    return refuse("emergency-too-wide", "accessPointIds");
  }
  if (until - from > OPENING_LIMITS.emergencyWindowMs) return refuse("emergency-too-wide", "until");
  if (deadline - at > OPENING_LIMITS.emergencyDeadlineMs) return refuse("emergency-too-wide", "deadline");
  const { documentNumber, documentSha256 } = statement;
  // A number without its document, or the reverse, is a slip and no paper that follows.
  if (documentNumber === undefined && documentSha256 !== undefined) {
    return refuse("missing-field", "documentNumber");
  }
  if (documentNumber !== undefined && documentSha256 === undefined) {
    return refuse("missing-field", "documentSha256");
  }
  return undefined;
}

function ordinaryRefusal(statement: OpeningStatement): Refused | undefined {
  const { from, until, accessPointIds, extension } = statement;
  if (statement.documentNumber === undefined) return refuse("missing-field", "documentNumber");
  if (statement.documentSha256 === undefined) return refuse("missing-field", "documentSha256");
  const bounds = [
    {
      field: "accessPointIds",
      asked: accessPointIds.length,
      plain: OPENING_LIMITS.accessPoints,
      extended: OPENING_LIMITS.extendedAccessPoints,
    },
    {
      field: "until",
      asked: until - from,
      plain: OPENING_LIMITS.windowMs,
      extended: OPENING_LIMITS.extendedWindowMs,
    },
  ];
  for (const { field, asked, plain, extended } of bounds) {
    if (asked > extended) return refuse("too-wide", field);
    if (asked > plain && extension === undefined) return refuse("needs-extension", field);
  }
  return undefined;
}

function isListOfAccessPoints(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    value.every((item) => typeof item === "string" && UUID.test(item))
  );
}

function isWildcard(value: unknown): boolean {
  const items = Array.isArray(value) ? value : [value];
  return items.length === 0 || items.some((item) => typeof item === "string" && /^$|[*%?]|^all$/i.test(item));
}

function isExtension(value: unknown): value is OpeningExtension {
  return (
    isObject(value) &&
    Object.keys(value).every((name) => name === "reason" || name === "documentSha256") &&
    isTextUpTo(500)(value.reason) &&
    isSha256(value.documentSha256)
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(refusal: OpeningStatementRefusal, field?: string): Refused {
  return { parsed: false, refusal, ...(field === undefined ? {} : { field }) };
}
