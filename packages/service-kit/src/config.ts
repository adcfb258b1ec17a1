import { readFileSync } from "node:fs";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { ServiceError } from "./errors.ts";

/** Problems beyond these are not listed. */
const MAX_PROBLEMS = 20;

/**
 * Reads a JSON file and checks it against a schema; nothing is filled in, so that a security setting that is missing
 * stops the process instead of getting a value nobody chose.
 *
 * @throws {ServiceError} `config-unreadable`; `config-invalid`, whose text names the fields, never their values
 */
export function loadConfig<S extends TSchema>(schema: S, file: string): Static<S> {
  const value = readJson(file);
  if (Value.Check(schema, value)) return value;
  const problems = [...Value.Errors(schema, value)]
    .slice(0, MAX_PROBLEMS)
    .map((problem) => `${problem.instancePath || "/"}: ${problem.message}`);
  throw new ServiceError("config-invalid", `${file}: ${[...new Set(problems)].join("; ")}`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "expected JSON" : "cannot be read";
    throw new ServiceError("config-unreadable", `${file}: ${what}`, { cause });
  }
}
