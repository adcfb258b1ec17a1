/** Why a reader did not let a card pass, as far as it says something about the card. `ended`: reported lost, or over. */
export const FAILURES = [
  "wrong-key",
  "protocol-error",
  "card-removed",
  "replay",
  "unknown",
  "blocked",
  "other",
  "ended",
] as const;
export type Failure = (typeof FAILURES)[number];

/**
 * One line of a door's record, as docs/detect.md describes it. Instants are Unix milliseconds.
 *
 * Whoever makes many writes all fields of each, in one order, with `undefined` for what is absent: the engine then reads
 * all of them alike, which is a sixth faster.
 */
export interface AccessEvent {
  /** By the gate's own clock. */
  readonly at: number;
  /** When the record reached whoever keeps it; absent in exports that do not know. */
  readonly receivedAt?: number | undefined;
  readonly gate: string;
  readonly accessPoint: string;
  /** Pseudonym or number of the credential. */
  readonly credential: string;
  /** Technology: `uid`, `desfire`, … */
  readonly kind: string;
  /** The gate's running number of this record; absent in exports that have none. */
  readonly sequence?: number | undefined;
  readonly result: "granted" | "refused";
  readonly failure?: Failure | undefined;
  /** What the card itself counted, or the number that the last reader wrote on it. It rises with each use. */
  readonly counter?: number | undefined;
  /** The card left while it counted or was written: the number may stand for two uses. */
  readonly torn?: boolean | undefined;
  /** The gate saw a higher counter of this card before, be it in an earlier epoch. */
  readonly wentBack?: boolean | undefined;
  readonly keyVersion?: number | undefined;
  readonly downgraded?: boolean | undefined;
  /** The gate, which remembers longer than an epoch, found hour or door new for this card. */
  readonly unaccustomed?: boolean | undefined;
  /** The gate carries a watch over from the last epoch. */
  readonly watched?: boolean | undefined;
  /** What the chip answered before any key was used (ATQA, SAK, ATS), 0 to 65,535; any fixed hash will do. */
  readonly fingerprint?: number | undefined;
  /** A probe that only rewritable chips answer was answered. */
  readonly magic?: boolean | undefined;
  /** From the reader's first command to the chip's last answer, in microseconds; 0 to 1,000,000. */
  readonly responseMicros?: number | undefined;
  /** Issuer, key version or delivery that the card is of; any fixed text of at most 128 characters. */
  readonly batch?: string | undefined;
}

/** Reported lost, or over (`ended`: moved out, died): each use behind `at` is wrong, whoever makes it. */
export interface EndReport {
  readonly report: "lost" | "ended";
  readonly credential: string;
  readonly at: number;
}

/** A person confirmed that the card was copied: other cards of its batch are likelier to be. */
export interface CopyReport {
  readonly report: "copied";
  readonly credential: string;
  readonly at: number;
  readonly batch: string;
}

/** Another community saw the same number at `at`. */
export interface ElsewhereReport {
  readonly report: "elsewhere";
  readonly credential: string;
  readonly at: number;
}

export type DetectionInput = AccessEvent | EndReport | CopyReport | ElsewhereReport;

export type LineFaultCode =
  | "not-json"
  | "too-long"
  | "not-an-object"
  | "missing-field"
  | "invalid-field"
  | "unknown-field";

/** What is wrong with a line. `field` is a name from the format or, if unknown, empty: never a value. */
export interface LineFault {
  readonly code: LineFaultCode;
  readonly field: string;
}

export type ParsedLine =
  | { readonly ok: true; readonly input: DetectionInput }
  | { readonly ok: false; readonly fault: LineFault };

export const MAX_LINE_CHARACTERS = 4_096;
const MAX_TEXT = 128;
/** The year 2100: what lies behind is no time of an event. */
const MAX_INSTANT = 4_102_444_800_000;
const FIELDS = new Set([
  ...["at", "receivedAt", "gate", "accessPoint", "credential", "kind", "sequence", "result", "failure"],
  ...["counter", "torn", "keyVersion", "downgraded", "unaccustomed", "watched", "fingerprint", "magic"],
  ...["wentBack", "responseMicros", "batch"],
]);
const REPORT_FIELDS = new Set(["report", "credential", "at"]);
const MAX_RESPONSE_MICROS = 1_000_000;

/** Reads one line of NDJSON. Never throws. */
export function parseEventLine(line: string): ParsedLine {
  if (line.length > MAX_LINE_CHARACTERS) return refuse("too-long", "");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return refuse("not-json", "");
  }
  return parseEvent(value);
}

/** Checks one event or report that was read already. Never throws; fields it does not know are refused. */
export function parseEvent(value: unknown): ParsedLine {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("not-an-object", "");
  const record: Record<string, unknown> = { ...value };
  return "report" in record ? parseReport(record) : parseAccess(record);
}

function parseReport(record: Record<string, unknown>): ParsedLine {
  const { report, credential, at, batch } = record;
  const isCopy = report === "copied";
  const unknown = Object.keys(record).some(
    (name) => !(REPORT_FIELDS.has(name) || (isCopy && name === "batch")),
  );
  if (unknown) return refuse("unknown-field", "");
  if (report !== "lost" && report !== "ended" && report !== "elsewhere" && !isCopy) {
    return refuse("invalid-field", "report");
  }
  if (!isText(credential))
    return refuse(credential === undefined ? "missing-field" : "invalid-field", "credential");
  if (!isInstant(at)) return refuse(at === undefined ? "missing-field" : "invalid-field", "at");
  if (!isCopy) return { ok: true, input: { report, credential, at } };
  if (!isText(batch)) return refuse(batch === undefined ? "missing-field" : "invalid-field", "batch");
  return { ok: true, input: { report, credential, at, batch } };
}

function parseAccess(record: Record<string, unknown>): ParsedLine {
  for (const name of Object.keys(record)) if (!FIELDS.has(name)) return refuse("unknown-field", "");
  const { at, receivedAt, gate, accessPoint, credential, kind, sequence, result, failure } = record;
  const { counter, torn, keyVersion, downgraded, unaccustomed, watched, fingerprint, magic } = record;
  const { wentBack, responseMicros, batch } = record;
  if (!isInstant(at)) return refuse(at === undefined ? "missing-field" : "invalid-field", "at");
  const texts = { gate, accessPoint, credential, kind };
  for (const [name, text] of Object.entries(texts)) {
    if (!isText(text)) return refuse(text === undefined ? "missing-field" : "invalid-field", name);
  }
  if (!isText(gate) || !isText(accessPoint) || !isText(credential) || !isText(kind)) {
    return refuse("invalid-field", "");
  }
  if (result !== "granted" && result !== "refused") {
    return refuse(result === undefined ? "missing-field" : "invalid-field", "result");
  }
  if (receivedAt !== undefined && !isInstant(receivedAt)) return refuse("invalid-field", "receivedAt");
  if (sequence !== undefined && !isWhole(sequence, Number.MAX_SAFE_INTEGER)) {
    return refuse("invalid-field", "sequence");
  }
  const known = failure === undefined ? undefined : FAILURES.find((one) => one === failure);
  if (failure !== undefined && known === undefined) return refuse("invalid-field", "failure");
  if (counter !== undefined && !isWhole(counter, Number.MAX_SAFE_INTEGER)) {
    return refuse("invalid-field", "counter");
  }
  if (keyVersion !== undefined && !isWhole(keyVersion, 255)) return refuse("invalid-field", "keyVersion");
  if (responseMicros !== undefined && !isWhole(responseMicros, MAX_RESPONSE_MICROS)) {
    return refuse("invalid-field", "responseMicros");
  }
  if (batch !== undefined && !isText(batch)) return refuse("invalid-field", "batch");
  if (fingerprint !== undefined && !isWhole(fingerprint, 65_535)) {
    return refuse("invalid-field", "fingerprint");
  }
  const marks = { torn, wentBack, downgraded, unaccustomed, watched, magic };
  for (const [name, mark] of Object.entries(marks)) {
    if (mark !== undefined && typeof mark !== "boolean") return refuse("invalid-field", name);
  }
  return {
    ok: true,
    // All fields, of every event: see `AccessEvent`.
    input: {
      at,
      receivedAt,
      gate,
      accessPoint,
      credential,
      kind,
      sequence,
      result,
      failure: known,
      counter,
      torn: torn === true ? torn : undefined,
      wentBack: wentBack === true ? wentBack : undefined,
      keyVersion,
      downgraded: downgraded === true ? downgraded : undefined,
      unaccustomed: unaccustomed === true ? unaccustomed : undefined,
      watched: watched === true ? watched : undefined,
      fingerprint,
      magic: magic === true ? magic : undefined,
      responseMicros,
      batch,
    },
  };
}

function refuse(code: LineFaultCode, field: string): ParsedLine {
  return { ok: false, fault: { code, field } };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT;
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}

function isInstant(value: unknown): value is number {
  return isWhole(value, MAX_INSTANT);
}
