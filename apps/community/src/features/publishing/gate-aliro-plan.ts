import type { GateId } from "@menshen/domain";
import type { AliroKeys } from "@menshen/wire";

/** A gate's part of the keyring, before any key is derived. */
export interface GateAliroPlan {
  /** Equal for plans that say the same. */
  readonly signature: string;
  readonly make: () => AliroKeys;
}

/** What a gate needs to read telephones; `undefined` where nobody began a group for its door group. */
export type PlanGateAliro = (gateId: GateId, doorGroup: number) => Promise<GateAliroPlan | undefined>;
