import type { Decision } from "@menshen/domain";
import type { AccessEntry } from "@menshen/wire";
import type { Person } from "../presence/presence-room.ts";
import type { SealedIdentity } from "../store/journal-draft.ts";
import type { FreedFloor } from "./lift-floors.ts";

/** What an entry says openly of what was presented, and the identity that is sealed when it gets its number. */
export type Described = Partial<Pick<AccessEntry["body"], "kind" | "grade" | "evidence">> & {
  readonly identity?: SealedIdentity;
};

/** What a tap came to, before the rules of areas and doors. */
export interface Judged {
  readonly decision: Decision;
  readonly entry: Described;
  /** Whether lamp and sound ask for the PIN, or for the card that goes with it. */
  readonly isAwaitingFactor?: boolean;
  /** Of a lift: what it frees; of a door absent. */
  readonly freed?: readonly FreedFloor[];
  /** Who goes through if it is a grant; nobody that could be counted for a stranger at a door that stands open. */
  readonly person?: Person;
}
