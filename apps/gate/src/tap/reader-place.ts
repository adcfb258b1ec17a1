import type { AccessPointId, Decision } from "@menshen/domain";
import type { LiftFloor } from "../door/lift.ts";
import type { Portal } from "../door/portal.ts";
import type { PresencePortal } from "../presence/presence-room.ts";
import type { ReaderLink } from "./opening-grade.ts";

type PlacePortal = PresencePortal & Pick<Portal, "doorState" | "granted" | "holdFor" | "endHold">;

/** Where a reader stands and what it can open. */
export interface ReaderPlace {
  readonly accessPointId: AccessPointId;
  readonly link: ReaderLink;
  readonly lockOnOutdoorReader: boolean;
  /** Of a lift's car: the floors among which this reader decides. */
  readonly floors?: readonly LiftFloor[];
  /** The portal that the access point leads through, if this gate has it. */
  readonly portal: PlacePortal | undefined;
}

/** As the entry says it openly. */
export interface ScanOutcome extends Decision {
  /** How long the lock is open, milliseconds; 0 when it was not driven. */
  readonly forMs: number;
}
