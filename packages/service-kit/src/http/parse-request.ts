import type { StaticOf } from "@menshen/wire";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";

/** Where in a request a value stands, for the message. */
export type RequestPart = "params" | "query" | "body";

/** What is wrong with a field of a request. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

const MAX_FAULTS = 20;

/**
 * A parser for one part of a request. Texts of paths and queries become numbers and booleans as their schema says;
 * bodies are taken as they are. Fields that a schema does not know are refused, never dropped: whoever sends a telephone
 * number must learn that it is not wanted here.
 *
 * @param refuse what to throw, with what is wrong with each field
 */
export function makeRequestParser<S extends TSchema | undefined>(
  schema: S,
  part: RequestPart,
  refuse: (faults: readonly FieldFault[]) => Error,
): (value: unknown) => StaticOf<S> {
  // The parsing constructor of request values: the two casts below are what its checks establish.
  if (schema === undefined) return () => undefined as StaticOf<S>;
  const validator = Compile(schema);
  return (value) => {
    const candidate =
      part === "body" ? value : Value.Default(schema, Value.Convert(schema, plainObject(value)));
    if (validator.Check(candidate)) return candidate as StaticOf<S>;
    const errors = [...validator.Errors(candidate)].slice(0, MAX_FAULTS);
    throw refuse(errors.map((error) => ({ path: `${part}${error.instancePath}`, message: error.message })));
  };
}

/** Path and query objects come without a prototype, which the schema library does not take for objects. */
function plainObject(value: unknown): unknown {
  return typeof value === "object" && value !== null ? { ...value } : value;
}
