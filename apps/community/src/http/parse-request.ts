import { makeRequestParser, type RequestPart } from "@menshen/service-kit/http";
import type { StaticOf } from "@menshen/wire";
import type { TSchema } from "typebox";
import { refusal } from "../errors.ts";

export type { RequestPart };

/** A parser for one part of a request; it throws `invalid-request`, naming each field. */
export function makeParser<S extends TSchema | undefined>(
  schema: S,
  part: RequestPart,
): (value: unknown) => StaticOf<S> {
  return makeRequestParser(schema, part, (faults) =>
    refusal("invalid-request", `${part}: not of the form expected`, { fields: [...faults] }),
  );
}
