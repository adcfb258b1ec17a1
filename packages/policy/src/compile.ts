import type { GateId, Instant } from "@menshen/domain";
import type { SnapshotDocument } from "./document.ts";
import { PolicyError } from "./errors.ts";
import type { CommunityModel } from "./model.ts";
import type { CheckOptions, PolicyAlarm, PolicyVerdict, WayViolation } from "./verdict.ts";

export interface CompileOptions {
  readonly gateId: GateId;
  /** Whole, from 1, higher than any version this gate had. */
  readonly version: number;
  /** When the snapshot is made. */
  readonly at: Instant;
  /** End of its life: until then it carries local time. */
  readonly until: Instant;
  /** The model last accepted; absent for a community's first. */
  readonly previous?: CommunityModel;
  /** The answer of `checkPolicy` for this model, to check once for many gates; absent: checked here. */
  readonly verdict?: PolicyVerdict;
}

export interface CompileResult {
  /** False if the change breaks the rule of paths and persons; `document` then holds the previous rules, with today's revocations. */
  readonly accepted: boolean;
  readonly document: SnapshotDocument;
  readonly violations: readonly WayViolation[];
  readonly alarms: readonly PolicyAlarm[];
}

/** Checks a change of a community's model against the rule of paths and persons (docs/protocol/policy-snapshot.md). */
export function checkPolicy(_model: CommunityModel, _options: CheckOptions): PolicyVerdict {
  throw new PolicyError("invalid-model", "not built yet");
}

/** Compiles what one gate needs of a community's model. Equal input gives an equal document, byte for byte. */
export function compileSnapshot(_model: CommunityModel, _options: CompileOptions): CompileResult {
  throw new PolicyError("invalid-model", "not built yet");
}
