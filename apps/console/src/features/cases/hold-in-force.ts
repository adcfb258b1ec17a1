import type { Opening } from "@menshen/wire";

/** Whether a request is a hold that the server lets a case rely on. */
export function isInForce(
  { holdUntil = 0, holdEndedAt, state }: Pick<Opening, "holdUntil" | "holdEndedAt" | "state">,
  now: number,
): boolean {
  return holdUntil > now && holdEndedAt === undefined && (state === "requested" || state === "answered");
}
