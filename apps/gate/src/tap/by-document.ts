import { type Decision, Instant, meetsGrade, type Presentation, type TimeInterval } from "@menshen/domain";
import { type Snapshot, zoneTransitions } from "@menshen/policy";
import type { PresentedPhone } from "./phone-reader.ts";
import type { ReaderPlace } from "./reader-place.ts";

/**
 * What a document on a telephone changes: one that this gate has not heard of may enter by it. The door itself comes
 * first: locked, in a lockdown, of a higher grade, or without a snapshot it opens to no document; nor where a PIN is asked
 * for as well, since nobody's PIN belongs to a telephone that is not known.
 */
export async function byDocument(
  tap: {
    readonly snapshot: Snapshot | undefined;
    readonly place: ReaderPlace;
    readonly presentation: Presentation;
    readonly decision: Decision;
    readonly now: TimeInterval;
  },
  phone: PresentedPhone,
): Promise<Decision> {
  const { snapshot, place, presentation, decision, now } = tap;
  const [first, ...others] = decision.reasons;
  if (snapshot === undefined || first?.code !== "credential-unknown" || others.length > 0) return decision;
  const accessPoint = snapshot.accessPoints.find(({ id }) => id === place.accessPointId);
  if (accessPoint === undefined || !meetsGrade(presentation.grade, accessPoint.minimumGrade)) {
    return decision;
  }
  const [zone] = zoneTransitions(snapshot.timeZone, now.latest, Instant(now.latest + 1));
  if (zone === undefined) return decision;
  const { id: accessPointId, portalId, pinUse } = accessPoint;
  switch (await phone.documentAllows({ portalId, accessPointId, now, utcOffsetS: zone.offsetSeconds })) {
    case "allows":
      return pinUse === "both"
        ? { granted: false, reasons: [{ code: "second-factor-needed", missing: "holder" }] }
        : { granted: true, reasons: [{ code: "rule-allows" }] };
    case "not-in-log":
      return { granted: false, reasons: [{ code: "credential-not-in-log" }] };
    case "none":
      return decision;
  }
}
