import type { Permission } from "@menshen/wire";

/**
 * Who may call a route.
 *
 * - `anyone`: without a session. Nothing in the answer is about anybody.
 * - `secret`: without a session, for whoever has the one-time code, the passkey or the key that the body proves.
 * - `custodian`: a custodian's program that signed the request.
 * - `staff`: every member of staff; `staff X`: those with the permission; `staff X or Y`: those with either.
 * - `resident`: residents, each about themselves, or the same for all of them.
 * - `resident own`: as `resident`; the request names something (an id in the path, a key in the body), and what is
 *   somebody else's is refused.
 * - `resident home`: as `resident`; those who live together see some of each other.
 */
export type RouteRow =
  | "anyone"
  | "secret"
  | "custodian"
  | "staff"
  | `staff ${Permission}`
  | `staff ${Permission} or ${Permission}`
  | "resident"
  | "resident own"
  | "resident home";
