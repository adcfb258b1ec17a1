import type { ConsentPurpose } from "@menshen/domain";
import type { ChangeScope } from "../../change-record/change-scope.ts";

/** What became of a consent. Suspended: its notice changed in what it is for, and the person has not been asked again. */
export interface ConsentChanged {
  readonly what: "given" | "withdrawn" | "suspended";
  readonly personId: string;
  readonly purpose: ConsentPurpose;
}

/** Told within the change itself: what a consumer does about it stands or falls with it. */
export type ConsentListener = (scope: ChangeScope, changed: ConsentChanged) => Promise<void>;
