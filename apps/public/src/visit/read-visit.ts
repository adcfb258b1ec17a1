import { readVisitFragment, readVisitorPass, readVisitToken, writePassText } from "@menshen/credentials";
import { coseVerify1 } from "@menshen/crypto";
import type { VisitTimes } from "@menshen/ui";
import type { VisitPurpose } from "@menshen/wire";

/** What a visitor's page shows. Nothing of it is proved here: gates check the signature. */
export interface Visit {
  readonly kind: VisitPurpose | "token";
  /** What the QR code holds. */
  readonly text: string;
  /** Absent for a token whose link does not tell its day. */
  readonly times: VisitTimes | undefined;
  /** What the sender of the link wrote. */
  readonly community: string | undefined;
  readonly timeZone: string | undefined;
  readonly doors: readonly string[];
}

/** Reads the part of an address behind `#`; undefined for one that holds no pass. */
export function readVisit(fragment: string): Visit | undefined {
  const link = readVisitFragment(fragment);
  if (link === undefined) return undefined;
  const { pass, note } = link;
  const common = {
    text: writePassText(pass.kind, pass.message),
    community: note?.community,
    timeZone: note?.timeZone,
    doors: note?.doors ?? [],
  };
  if (pass.kind === "visit-token") {
    if (readVisitToken(pass.message) === undefined) return undefined;
    return { kind: "token", ...common, times: note?.day && { ...note.day, uses: 1 } };
  }
  const said = readVisitorPass({ coseVerify1 }, pass.message);
  if (said === undefined) return undefined;
  const { notBeforeS, notAfterS, weekdays, windows, uses, purpose } = said;
  return {
    kind: purpose,
    ...common,
    times: {
      from: notBeforeS * 1_000,
      until: (notAfterS + 1) * 1_000,
      ...(weekdays === undefined ? {} : { weekdays: daysOf(weekdays) }),
      ...(windows === undefined ? {} : { windows }),
      ...(uses === undefined ? {} : { uses }),
    },
  };
}

export type VisitState = "valid" | "not-yet" | "over" | "unknown";

/** Whether it can be used now, by days alone: hours are for the gate, whose clock is the community's. */
export function visitStateAt({ times }: Pick<Visit, "times">, now: number): VisitState {
  if (times === undefined) return "unknown";
  if (now < times.from) return "not-yet";
  return now < times.until ? "valid" : "over";
}

/** Bit 0 is Monday. */
function daysOf(bits: number): readonly number[] {
  return [1, 2, 3, 4, 5, 6, 7].filter((day) => (bits & (1 << (day - 1))) !== 0);
}
