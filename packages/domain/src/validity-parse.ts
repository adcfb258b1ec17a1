import { DomainError } from "./errors.ts";
import type { Validity } from "./people.ts";
import { readRecord, refuse } from "./reading.ts";
import { Instant } from "./time.ts";

/**
 * Parses `{ from?, until? }` in Unix milliseconds, `from` before `until`; an end that is missing or undefined is open.
 * Throws `DomainError("invalid-time")`.
 */
export function parseValidity(value: unknown): Validity {
  const fields = readRecord("invalid-time", "validity", value);
  const from = parseEnd(fields.from);
  const until = parseEnd(fields.until);
  if (from !== undefined && until !== undefined && from >= until) {
    throw new DomainError(
      "invalid-time",
      `validity: expected from before until, came \`${from}\` and \`${until}\``,
    );
  }
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

function parseEnd(value: unknown): Instant | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") refuse("invalid-time", "validity", "milliseconds", value);
  return Instant(value);
}
