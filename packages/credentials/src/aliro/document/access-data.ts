import { CredentialError } from "../../credential-error.ts";
import { arrayOf, byteString, mapOf, wholeNumber } from "./document-cbor.ts";

/** What a rule allows (bits of its capabilities). A door of this system unlocks for a moment. */
export const AccessCapability = { secure: 0x01, unsecure: 0x02, momentary: 0x08 } as const;

/** How a schedule repeats itself. */
export interface AccessRecurrence {
  /** How long each occurrence lasts, in seconds, 1 to 2^32 - 1. */
  readonly durationS: number;
  /** Weekdays (bit 0 Monday), months (bit 7 January) or dates (bit 0 the first), as the pattern says. */
  readonly mask: number;
  /** 1 daily, 2 weekly, 3 monthly by day, 4 by date, 5 yearly by day, 6 by date, 7 by week, 8 by week of the month. */
  readonly pattern: number;
  /** Every how many days, weeks, months or years, 1 to 255. */
  readonly interval: number;
  /** Which of several days, from the end if negative; -128 to 127. */
  readonly ordinal: number;
}

/** When something holds: between two moments, and there at the time of day at which the first one begins. */
export interface AccessSchedule {
  /** Seconds since 1970-01-01T00:00:00, of UTC or of the door's clock on the wall; the end is not part of it. */
  readonly startS: number;
  readonly endS: number;
  readonly recurrence?: AccessRecurrence;
  readonly utc: boolean;
}

/** One rule; schedules by the bits of their positions in the list. */
export interface AccessRule {
  /** Bits of {@link AccessCapability}. */
  readonly capabilities: number;
  readonly allowSchedules?: number;
  readonly denySchedules?: number;
}

/** One access data element: what its bearer may do. */
export interface AccessData {
  /** An identifier of the issuer's choice, up to 16 bytes. Not a name. */
  readonly id?: Uint8Array;
  readonly rules: readonly AccessRule[];
  readonly schedules: readonly AccessSchedule[];
  /** Rules of the reader's own that have to hold as well; this system has none, so any of them denies. */
  readonly readerRuleIds?: readonly number[];
  /** An extension is there that must be understood; this system understands none, so it denies. */
  readonly criticalExtension?: boolean;
}

/** The version of access and revocation data spoken here. */
export const ACCESS_DATA_VERSION = 1;

const KEY = { version: 0, id: 1, rules: 2, schedules: 3, readerRules: 4, nonAccess: 5, access: 6 } as const;
const MAX_RULES = 16;
const MAX_SCHEDULES = 32;
const MAX_ID_BYTES = 16;
const U32 = 0xffff_ffff;
/** The one value of an extension's criticality by which it may be passed over. */
const NON_CRITICAL = 1;

/**
 * An access data element as CBOR value.
 *
 * @throws {CredentialError} `bad-argument` for anything that {@link parseAccessData} would not take
 */
export function accessDataToCbor(data: AccessData): Map<number, unknown> {
  const map = new Map<number, unknown>([[KEY.version, ACCESS_DATA_VERSION]]);
  if (data.id !== undefined) map.set(KEY.id, data.id);
  if (data.rules.length > 0) map.set(KEY.rules, data.rules.map(ruleToCbor));
  if (data.schedules.length > 0) map.set(KEY.schedules, data.schedules.map(scheduleToCbor));
  if (data.readerRuleIds !== undefined) map.set(KEY.readerRules, [...data.readerRuleIds]);
  try {
    parseAccessData(map);
  } catch (cause) {
    throw new CredentialError("bad-argument", "expected access data within the stated ranges", { cause });
  }
  return map;
}

/**
 * Reads an access data element.
 *
 * @returns `undefined` for a version other than 1
 * @throws {CredentialError} `malformed`
 */
export function parseAccessData(value: unknown): AccessData | undefined {
  const map = mapOf(value, "access data");
  if (wholeNumber(map.get(KEY.version), "version", 0, U32) !== ACCESS_DATA_VERSION) return undefined;
  const id = map.get(KEY.id);
  if (id !== undefined && byteString(id, "id").length > MAX_ID_BYTES) {
    throw new CredentialError("malformed", `expected an id of at most ${MAX_ID_BYTES} bytes`);
  }
  const readerRules = map.get(KEY.readerRules);
  return {
    ...(id === undefined ? {} : { id: byteString(id, "id") }),
    rules: arrayOf(map.get(KEY.rules) ?? [], "rules", MAX_RULES).map(parseRule),
    schedules: arrayOf(map.get(KEY.schedules) ?? [], "schedules", MAX_SCHEDULES).map(parseSchedule),
    ...(readerRules === undefined
      ? {}
      : {
          readerRuleIds: arrayOf(readerRules, "reader rules", MAX_RULES).map((rule) =>
            wholeNumber(rule, "reader rule", 0, 0xffff),
          ),
        }),
    ...(hasCriticalExtension(map.get(KEY.access)) ? { criticalExtension: true } : {}),
  };
}

function ruleToCbor({ capabilities, allowSchedules, denySchedules }: AccessRule): Map<number, unknown> {
  const map = new Map<number, unknown>([[0, capabilities]]);
  if (allowSchedules !== undefined) map.set(1, allowSchedules);
  if (denySchedules !== undefined) map.set(2, denySchedules);
  return map;
}

function parseRule(value: unknown): AccessRule {
  const map = mapOf(value, "rule");
  const mask = (key: number) =>
    map.has(key) ? wholeNumber(map.get(key), "schedule mask", 0, U32) : undefined;
  const [allowSchedules, denySchedules] = [mask(1), mask(2)];
  return {
    capabilities: wholeNumber(map.get(0), "capabilities", 0, 0xff),
    ...(allowSchedules === undefined ? {} : { allowSchedules }),
    ...(denySchedules === undefined ? {} : { denySchedules }),
  };
}

function scheduleToCbor({ startS, endS, recurrence, utc }: AccessSchedule): Map<number, unknown> {
  const map = new Map<number, unknown>([
    [0, startS],
    [1, endS],
  ]);
  if (recurrence !== undefined) {
    const { durationS, mask, pattern, interval, ordinal } = recurrence;
    map.set(2, [durationS, mask, pattern, interval, ordinal]);
  }
  map.set(3, utc ? 1 : 0);
  return map;
}

function parseSchedule(value: unknown): AccessSchedule {
  const map = mapOf(value, "schedule");
  const recurrence = map.get(2);
  return {
    startS: wholeNumber(map.get(0), "start", 0, U32),
    endS: wholeNumber(map.get(1), "end", 0, U32),
    ...(recurrence === undefined ? {} : { recurrence: parseRecurrence(recurrence) }),
    utc: (wholeNumber(map.get(3) ?? 0, "schedule flags", 0, 0xff) & 1) === 1,
  };
}

function parseRecurrence(value: unknown): AccessRecurrence {
  const [durationS, mask, pattern, interval, ordinal] = arrayOf(value, "recurrence", 5);
  return {
    durationS: wholeNumber(durationS, "duration", 1, U32),
    mask: wholeNumber(mask, "mask", 0, U32),
    pattern: wholeNumber(pattern, "pattern", 0, 0xff),
    interval: wholeNumber(interval, "interval", 1, 0xff),
    ordinal: wholeNumber(ordinal, "ordinal", -128, 127),
  };
}

/**
 * Extensions are lists by vendor: `{ vendor: [[criticality, id, version, data]] }`. None is understood here, so each
 * counts as critical unless it says in the one known way that it is not.
 */
function hasCriticalExtension(value: unknown): boolean {
  if (value === undefined) return false;
  for (const list of mapOf(value, "extensions").values()) {
    for (const extension of arrayOf(list, "extensions", MAX_RULES)) {
      const [criticality] = arrayOf(extension, "extension", 4);
      if (criticality !== NON_CRITICAL) return true;
    }
  }
  return false;
}
