import { isCopyable } from "@menshen/domain";
import { refusal } from "../../errors.ts";
import type { EnrollableKind } from "./card-kinds.ts";

/**
 * A credential that is a mere number is accepted only until a date. The one place where this is asked for; gates then
 * end it by themselves, by the validity in their snapshot.
 *
 * Throws `invalid-request` for such a kind without an end, or with one later than the community's.
 */
export function demandLegacyEnd(kind: EnrollableKind, until: number | undefined, legacyUntil: number): void {
  if (!isCopyable(kind) || (until !== undefined && until <= legacyUntil)) return;
  const latest = new Date(legacyUntil).toISOString();
  throw refusal("invalid-request", `anybody can copy a credential of kind ${kind}: it ends by ${latest}`, {
    fields: [{ path: "body/until", message: `expected an end no later than ${latest}` }],
  });
}
