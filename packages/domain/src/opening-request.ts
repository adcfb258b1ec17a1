/** What entries are opened for. A closed list: free text would carry names into a log that never forgets. */
export const OPENING_PURPOSES = [
  "crime-investigation",
  "court-evidence",
  "fire-or-accident",
  "missing-person",
  "danger-to-life",
] as const;
export type OpeningPurpose = (typeof OPENING_PURPOSES)[number];

/** What may be opened by the emergency path. */
export const EMERGENCY_PURPOSES: readonly OpeningPurpose[] = ["missing-person", "danger-to-life"];

export const OPENING_PATHS = ["ordinary", "emergency"] as const;
export type OpeningPath = (typeof OPENING_PATHS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Scope of one request. Only a community that changes the program changes these. */
export const OPENING_LIMITS = {
  doors: 5,
  windowMs: DAY_MS,
  /** With an extension, which has a reason and a document of its own. */
  extendedDoors: 20,
  extendedWindowMs: 7 * DAY_MS,
  emergencyDoors: 1,
  emergencyWindowMs: 2 * HOUR_MS,
  /** On-call custodians that an emergency names; the threshold is the ordinary one. */
  emergencyOnCall: 2,
  deadlineMs: 30 * DAY_MS,
  emergencyDeadlineMs: DAY_MS,
  reviewDueMs: 72 * HOUR_MS,
  entries: 500,
  /** From the request for a hold to its end. */
  holdMs: 366 * DAY_MS,
  /** Longest time until the persons concerned are told, where the community has set none. */
  sealMs: 180 * DAY_MS,
} as const;

/** More than the ordinary scope, for a reason of its own. */
export interface OpeningExtension {
  readonly reason: string;
  /** Of the further document, 64 lower-case hexadecimal digits. */
  readonly documentSha256: string;
}

/**
 * What the community commits to in its log before any custodian answers. Its canonical JSON is the statement of the
 * leaf `opening-requested`. Instants are Unix milliseconds.
 */
export interface OpeningStatement {
  readonly topic: "opening-requested";
  readonly at: number;
  readonly requestId: string;
  readonly path: OpeningPath;
  readonly authority: string;
  /** Absent only in an emergency, whose paper comes with its review. */
  readonly documentNumber?: string;
  readonly documentSha256?: string;
  readonly accessPointIds: readonly string[];
  /** Entries at or after this… */
  readonly from: number;
  /** …and before this. */
  readonly until: number;
  readonly purpose: OpeningPurpose;
  /** Custodians answer until then. */
  readonly deadline: number;
  /** The persons concerned are told then. */
  readonly sealUntil: number;
  /** No more entries than this are opened. */
  readonly entryCap: number;
  readonly extension?: OpeningExtension;
  /** Emergencies: indices, from 1, of the custodians who are on call. */
  readonly onCall?: readonly number[];
  /**
   * A hold: nothing is opened now. The entries are sealed again, so that they can be opened until then although their own
   * epoch ends before.
   */
  readonly holdUntil?: number;
  /** The hold (its request id) from which the entries are opened. */
  readonly heldBy?: string;
}

/** A request as it was asked for. Anything may be missing or be nonsense. */
export type OpeningDraft = {
  readonly [Name in Exclude<keyof OpeningStatement, "topic" | "at" | "requestId">]?: unknown;
};

/** Why a request is refused; `field` names the part of it. */
export type OpeningRefusalCode =
  | "field-missing"
  | "field-invalid"
  | "wildcard"
  | "door-unknown"
  | "door-twice"
  | "too-many-doors"
  | "window-reversed"
  | "window-too-long"
  | "window-in-future"
  | "entries-destroyed"
  | "deadline-passed"
  | "deadline-too-far"
  | "document-not-here"
  | "seal-end-passed"
  | "seal-before-deadline"
  | "seal-too-long"
  | "too-many-entries"
  | "more-entries-in-scope"
  | "extension-needs-document"
  | "emergency-purpose"
  | "emergency-one-door"
  | "emergency-window"
  | "emergency-on-call"
  | "emergency-extension"
  | "hold-end-passed"
  | "hold-too-long"
  | "hold-without-key"
  | "hold-unknown"
  | "outside-hold";

export interface OpeningRefusal {
  readonly code: OpeningRefusalCode;
  readonly field: string;
}

/** What the rules need to know beside the request. */
export interface OpeningCircumstances {
  readonly now: number;
  /** Doors that exist; absent where the list is not at hand (a verifier far from the community). */
  readonly accessPointIds?: ReadonlySet<string>;
  /** SHA-256 of the documents that were handed in; absent where they are not at hand. */
  readonly documents?: ReadonlySet<string>;
  /** Entries before this can no longer be opened: the shares of their epochs are destroyed. */
  readonly destroyedBefore: number;
  readonly sealMaxMs: number;
  readonly custodianCount: number;
}

/** The parts of a request that passed, or every reason why it is refused. */
export type OpeningChecked =
  | { readonly accepted: true; readonly request: Omit<OpeningStatement, "topic" | "at" | "requestId"> }
  | { readonly accepted: false; readonly refusals: readonly OpeningRefusal[] };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Nothing that cannot be seen or that turns the direction of writing; neither beginning nor ending with a blank. */
const LINE = /^(?!\s)[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,200}(?<!\s)$/u;
const WILDCARD = /[*?%]|^all$|^any$/i;

/**
 * Judges a request by the scope rules (reference rows P1 and P5). All refusals come at once, so that a desk can put
 * everything right in one go.
 */
export function checkOpeningRequest(
  draft: OpeningDraft,
  circumstances: OpeningCircumstances,
): OpeningChecked {
  const refusals: OpeningRefusal[] = [];
  const refuse = (code: OpeningRefusalCode, field: string) => {
    refusals.push({ code, field });
  };
  const text = (field: keyof OpeningDraft, pattern: RegExp, optional = false): string | undefined => {
    const value = draft[field];
    if (value === undefined || value === "") {
      if (!optional) refuse("field-missing", field);
    } else if (typeof value !== "string" || !pattern.test(value)) refuse("field-invalid", field);
    else return value;
    return undefined;
  };
  const whole = (field: keyof OpeningDraft): number | undefined => {
    const value = draft[field];
    if (value === undefined || value === null) refuse("field-missing", field);
    else if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      refuse("field-invalid", field);
    } else return value;
    return undefined;
  };

  const path = oneOf(OPENING_PATHS, text("path", LINE));
  if (path === undefined && typeof draft.path === "string" && draft.path !== "")
    refuse("field-invalid", "path");
  const emergency = path === "emergency";
  const authority = text("authority", LINE);
  const documentNumber = text("documentNumber", LINE, emergency);
  const documentSha256 = text("documentSha256", SHA256, emergency);
  if (emergency && (documentNumber === undefined) !== (documentSha256 === undefined)) {
    // A number without its document, or the reverse, is a slip and no paper that follows.
    refuse("field-missing", documentNumber === undefined ? "documentNumber" : "documentSha256");
  }
  if (documentSha256 !== undefined && circumstances.documents?.has(documentSha256) === false) {
    refuse("document-not-here", "documentSha256");
  }
  const purposeText = text("purpose", LINE);
  const purpose = oneOf(OPENING_PURPOSES, purposeText);
  if (purpose === undefined && purposeText !== undefined) refuse("field-invalid", "purpose");
  const extension = checkExtension(draft, documentSha256, refuse);
  if (extension !== undefined && circumstances.documents?.has(extension.documentSha256) === false) {
    refuse("document-not-here", "extension");
  }
  const accessPointIds = checkDoors(draft.accessPointIds, circumstances.accessPointIds, refuse);
  const [from, until, deadline] = [whole("from"), whole("until"), whole("deadline")];
  const [sealUntil, entryCap] = [whole("sealUntil"), whole("entryCap")];

  const { now, destroyedBefore, sealMaxMs, custodianCount } = circumstances;
  const extended = extension !== undefined && !emergency;
  if (accessPointIds !== undefined) {
    const most = extended ? OPENING_LIMITS.extendedDoors : OPENING_LIMITS.doors;
    if (emergency && accessPointIds.length > OPENING_LIMITS.emergencyDoors) {
      refuse("emergency-one-door", "accessPointIds");
    } else if (accessPointIds.length > most) refuse("too-many-doors", "accessPointIds");
  }
  if (from !== undefined && until !== undefined) {
    const most = extended ? OPENING_LIMITS.extendedWindowMs : OPENING_LIMITS.windowMs;
    if (from >= until) refuse("window-reversed", "until");
    else if (emergency && until - from > OPENING_LIMITS.emergencyWindowMs)
      refuse("emergency-window", "until");
    else if (until - from > most) refuse("window-too-long", "until");
  }
  // What is not written yet cannot be asked for: a window that reaches into the future would be a feed.
  if (until !== undefined && until > now) refuse("window-in-future", "until");
  const heldBy = text("heldBy", UUID, true);
  // What a hold keeps is dead by its own epoch and lives by another.
  if (from !== undefined && from < destroyedBefore && heldBy === undefined)
    refuse("entries-destroyed", "from");
  const holdUntil = draft.holdUntil === undefined ? undefined : whole("holdUntil");
  if (holdUntil !== undefined) {
    if (emergency || heldBy !== undefined) refuse("field-invalid", "holdUntil");
    else if (holdUntil <= Math.max(now, deadline ?? now)) refuse("hold-end-passed", "holdUntil");
    else if (holdUntil - now > OPENING_LIMITS.holdMs) refuse("hold-too-long", "holdUntil");
  }
  if (deadline !== undefined) {
    const most = emergency ? OPENING_LIMITS.emergencyDeadlineMs : OPENING_LIMITS.deadlineMs;
    if (deadline <= now) refuse("deadline-passed", "deadline");
    else if (deadline - now > most) refuse("deadline-too-far", "deadline");
  }
  if (sealUntil !== undefined) {
    if (sealUntil <= now) refuse("seal-end-passed", "sealUntil");
    else if (deadline !== undefined && sealUntil < deadline) refuse("seal-before-deadline", "sealUntil");
    else if (sealUntil - now > sealMaxMs) refuse("seal-too-long", "sealUntil");
  }
  if (entryCap !== undefined && (entryCap < 1 || entryCap > OPENING_LIMITS.entries)) {
    refuse("too-many-entries", "entryCap");
  }
  let onCall: readonly number[] | undefined;
  if (emergency) {
    if (purpose !== undefined && !EMERGENCY_PURPOSES.includes(purpose))
      refuse("emergency-purpose", "purpose");
    if (extension !== undefined) refuse("emergency-extension", "extension");
    onCall = onCallOf(draft.onCall, custodianCount);
    if (onCall === undefined) refuse("emergency-on-call", "onCall");
  } else if (draft.onCall !== undefined) refuse("field-invalid", "onCall");

  if (
    refusals.length > 0 ||
    path === undefined ||
    authority === undefined ||
    purpose === undefined ||
    accessPointIds === undefined ||
    from === undefined ||
    until === undefined ||
    deadline === undefined ||
    sealUntil === undefined ||
    entryCap === undefined
  ) {
    return { accepted: false, refusals };
  }
  return {
    accepted: true,
    request: {
      path,
      authority,
      ...(documentNumber === undefined ? {} : { documentNumber }),
      ...(documentSha256 === undefined ? {} : { documentSha256 }),
      accessPointIds,
      from,
      until,
      purpose,
      deadline,
      sealUntil,
      entryCap,
      ...(extension === undefined ? {} : { extension }),
      ...(onCall === undefined ? {} : { onCall }),
      ...(holdUntil === undefined ? {} : { holdUntil }),
      ...(heldBy === undefined ? {} : { heldBy }),
    },
  };
}

type Refuse = (code: OpeningRefusalCode, field: string) => void;

function checkDoors(
  value: unknown,
  known: ReadonlySet<string> | undefined,
  refuse: Refuse,
): readonly string[] | undefined {
  const field = "accessPointIds";
  if (value === undefined || (Array.isArray(value) && value.length === 0)) refuse("field-missing", field);
  else if (typeof value === "string" && WILDCARD.test(value)) refuse("wildcard", field);
  else if (!Array.isArray(value)) refuse("field-invalid", field);
  else {
    const ids = value.filter((id): id is string => typeof id === "string");
    if (ids.some((id) => WILDCARD.test(id))) refuse("wildcard", field);
    else if (ids.length < value.length || ids.some((id) => !UUID.test(id))) refuse("field-invalid", field);
    else if (new Set(ids).size < ids.length) refuse("door-twice", field);
    else if (known !== undefined && ids.some((id) => !known.has(id))) refuse("door-unknown", field);
    else return ids;
  }
  return undefined;
}

/** A wider scope needs a further reason and a further paper, not the same one again. */
function checkExtension(
  { extension }: OpeningDraft,
  documentSha256: string | undefined,
  refuse: Refuse,
): OpeningExtension | undefined {
  if (extension === undefined) return undefined;
  const reason = memberOf(extension, "reason");
  const sha256 = memberOf(extension, "documentSha256");
  if (
    typeof reason !== "string" ||
    !LINE.test(reason) ||
    typeof sha256 !== "string" ||
    !SHA256.test(sha256) ||
    sha256 === documentSha256
  ) {
    refuse("extension-needs-document", "extension");
    return undefined;
  }
  return { reason, documentSha256: sha256 };
}

function onCallOf(value: unknown, custodianCount: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== OPENING_LIMITS.emergencyOnCall) return undefined;
  const indices = value.filter(
    (index): index is number => Number.isInteger(index) && index >= 1 && index <= custodianCount,
  );
  return new Set(indices).size === OPENING_LIMITS.emergencyOnCall ? indices : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function oneOf<T extends string>(list: readonly T[], text: string | undefined): T | undefined {
  return list.find((candidate) => candidate === text);
}
