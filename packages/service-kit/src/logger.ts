import { type DestinationStream, pino } from "pino";

/**
 * The fields that may be logged, and no others: identifiers, codes and numbers. What a person is called, where they
 * live or what they hold is none of these.
 */
export interface LogFields {
  readonly address?: string;
  readonly attempt?: number;
  readonly batches?: number;
  readonly bytes?: number;
  readonly code?: string;
  readonly count?: number;
  readonly documentVersion?: number;
  readonly durationMs?: number;
  readonly error?: unknown;
  readonly event?: string;
  readonly finding?: string;
  readonly gateId?: string;
  readonly accessPointId?: string;
  readonly portalId?: string;
  readonly readerId?: string;
  readonly method?: string;
  readonly route?: string;
  readonly pid?: number;
  readonly sequence?: number;
  readonly signal?: string;
  readonly status?: number;
  readonly step?: string;
  readonly what?: string;
}

/** A record, so that the compiler notices a field that is missing here. */
const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  address: true,
  attempt: true,
  batches: true,
  bytes: true,
  code: true,
  count: true,
  documentVersion: true,
  durationMs: true,
  error: true,
  event: true,
  finding: true,
  gateId: true,
  accessPointId: true,
  portalId: true,
  readerId: true,
  method: true,
  route: true,
  pid: true,
  sequence: true,
  signal: true,
  status: true,
  step: true,
  what: true,
};

type Log = (fields: LogFields, message: string) => void;

export type LogLevel = "error" | "warn" | "info" | "debug";

/** `message` is a constant text; everything that varies is a field. */
export interface Logger {
  readonly error: Log;
  readonly warn: Log;
  readonly info: Log;
  readonly debug: Log;
}

/** JSON lines on standard error, or on `destination`. */
export function makeLogger(options: {
  readonly app: string;
  readonly level?: LogLevel;
  readonly destination?: DestinationStream;
}): Logger {
  const log = pino(
    {
      base: { app: options.app },
      level: options.level ?? "info",
      formatters: { level: (level) => ({ level }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
  const at =
    (level: LogLevel): Log =>
    (fields, message) => {
      if (log.isLevelEnabled(level)) log[level](allowed(fields), message);
    };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

/** Callers in plain JavaScript and objects with more fields than their type get through the compiler, not through here. */
function allowed(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(ALLOWED, name) || value === undefined) continue;
    if (name === "error") kept[name] = describeError(value);
    else if (typeof value === "string" || typeof value === "number") kept[name] = value;
  }
  return kept;
}

const MAX_CAUSES = 4;

/**
 * An error without its text: PostgreSQL and parsers quote values in theirs. Name, code and the lines of code say
 * where to look; whoever needs the text reproduces it.
 */
function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    at: frames.slice(0, 6).map((line) => line.trim()),
    ...(error.cause === undefined || depth >= MAX_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
