import type {
  AccessPointId,
  Decision,
  DoorState,
  Instant,
  Presentation,
  TimeInterval,
} from "@menshen/domain";
import type { CommunityModel } from "./model.ts";
import type { GradeWaiver } from "./verdict.ts";

/** The snapshot's life and waivers, so that the model answers as the gate did. */
export interface ModelContext {
  readonly from: Instant;
  readonly until: Instant;
  readonly waivers: readonly GradeWaiver[];
}

/** The same answer as `decide`, straight from the rules: slow and obvious, for explaining and for checking `decide`. */
export function decideFromModel(
  _model: CommunityModel,
  _context: ModelContext,
  _presentation: Presentation,
  _accessPointId: AccessPointId,
  _doorState: DoorState,
  _now: TimeInterval,
): Decision {
  return { granted: false, reasons: [{ code: "evaluation-failed" }] };
}
