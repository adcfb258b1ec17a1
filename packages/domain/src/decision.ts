import type { Reason } from "./reason.ts";

/**
 * The answer to one presentation. `reasons` is never empty: every reason that mattered, the deciding one first.
 */
export interface Decision {
  readonly granted: boolean;
  readonly reasons: readonly Reason[];
}
