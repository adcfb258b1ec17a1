import {
  CREDENTIAL_KINDS,
  PIN_USES,
  type Presentation,
  type Reason,
  type TimeInterval,
} from "@menshen/domain";
import { holds } from "./grant-tables.ts";
import { findRow, rowDate, rowTraits, type Snapshot } from "./snapshot.ts";

/** Positions in `PIN_USES`. */
export const PIN_ALONE = PIN_USES.indexOf("alone");
const PIN_SECOND = PIN_USES.indexOf("second");
const PIN_KIND = CREDENTIAL_KINDS.indexOf("pin");
const PIN_BIT = 1 << PIN_KIND;

type FactorReason = Extract<Reason, { code: "second-factor-needed" }>;
const PIN_MISSING: FactorReason = { code: "second-factor-needed", missing: "pin" };
const OTHER_MISSING: FactorReason = { code: "second-factor-needed", missing: "other" };

/** What of a tap decides whether one credential is enough. */
interface FactorTap {
  /** Position of the presented kind. */
  readonly kind: number;
  /** Position in `PIN_USES`. */
  readonly pinUse: number;
  readonly isAccompanied: boolean;
}

/**
 * Whether `companion` makes a second factor beside a credential of `kind`: one of them is a PIN and the other is not, and it is
 * known, active, in force throughout the interval, and proved what it was enrolled as. It needs no grant of its own.
 */
export function isAccompanied(
  { tables, from }: Snapshot,
  kind: number,
  companion: Presentation | undefined,
  now: TimeInterval,
): boolean {
  if (companion === undefined || (kind === PIN_KIND) === (companion.kind === "pin")) return false;
  const row = findRow(tables, companion.credentialKey);
  if (row < 0 || companion.evidence.downgraded === true) return false;
  const traits = rowTraits(tables, row);
  const isActive = traits >> 7 === 0 && CREDENTIAL_KINDS[traits & 15] === companion.kind;
  return isActive && holds(rowDate(tables, row, 0), rowDate(tables, row, 1), now, now.earliest < from);
}

/** What is missing for a credential that a rule would let through alone elsewhere; undefined: it is enough. */
export function missingFactor({ kind, pinUse, isAccompanied }: FactorTap): FactorReason | undefined {
  if (pinUse === PIN_ALONE || isAccompanied) return undefined;
  if (kind === PIN_KIND) return OTHER_MISSING;
  return pinUse === PIN_SECOND ? undefined : PIN_MISSING;
}

/**
 * What is missing if a rule with these means admits not this kind, but the one that would come with it: only where the two
 * together open what this one does not.
 */
export function factorFor(
  { kind, pinUse, isAccompanied }: FactorTap,
  means: number,
): FactorReason | undefined {
  if (pinUse === PIN_ALONE || isAccompanied) return undefined;
  if (kind !== PIN_KIND) return (means & PIN_BIT) === 0 ? undefined : PIN_MISSING;
  // Where a card opens alone, the PIN adds nothing to it.
  return pinUse === PIN_SECOND || (means & ~PIN_BIT) === 0 ? undefined : OTHER_MISSING;
}
