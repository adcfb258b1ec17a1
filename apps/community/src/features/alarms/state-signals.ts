import type { AlarmKind } from "@menshen/domain";
import { optional } from "../../database/records.ts";
import type { GateState } from "../../gate-link/index.ts";
import type { Places, Signal } from "./signal.ts";

/** A gate's code for a duress PIN that was entered; its subject is the reader. */
const DURESS = "duress";
/** A gate's codes for what lasts at itself, at a door or at a reader and stands in its findings alone. */
const CHATTER = "contact-chatter";
const FLOODED = "reader-flooded";
const BATTERY = "battery-low";
const MAINS = "mains-failed";

/**
 * What a gate's present state says about alarms: what lasts, and what is over. A gate that is silent says nothing but
 * that; one that is not enrolled any more, or was removed, is over with all of it.
 *
 * @param now by the server's clock
 */
export function signalsOfState(state: GateState, places: Places, now: number): readonly Signal[] {
  const { gateId, status, statusAt, linkSince } = state;
  const silent = state.enrolment === "enrolled" && !state.online && linkSince !== undefined;
  const link: Signal = {
    kind: "gate-silent",
    place: gateId,
    gateId,
    says: silent ? "holds" : "ends",
    at: silent ? linkSince : Math.max(now, linkSince ?? 0),
    receivedAt: now,
    late: false,
  };
  // A report from before the connection broke says how it was.
  const isFresh =
    state.online && status !== undefined && statusAt !== undefined && statusAt >= (linkSince ?? 0);
  if (!isFresh) return [link];
  const about = (
    where: Pick<Signal, "place" | "portalId" | "readerId">,
    kind: AlarmKind,
    holds: boolean,
  ): Signal => ({
    kind,
    gateId,
    ...where,
    says: holds ? "holds" : "ends",
    at: status.earliest,
    receivedAt: statusAt,
    late: false,
  });
  const subjectsOf = (wanted: string) =>
    new Set(
      status.findings.flatMap(({ code, subject }) => (code === wanted && subject ? [uuidText(subject)] : [])),
    );
  const says = (wanted: string) => status.findings.some(({ code }) => code === wanted);
  const calling = subjectsOf(DURESS);
  const chattering = subjectsOf(CHATTER);
  const flooded = subjectsOf(FLOODED);
  return [
    link,
    ...[...calling].map((readerId) =>
      about(
        { place: readerId, readerId, ...optional("portalId", places.portalOfReader(readerId)) },
        "duress",
        true,
      ),
    ),
    about({ place: gateId }, "journal-degraded", status.journalDegraded),
    about({ place: gateId }, "power-fault", says(MAINS)),
    about({ place: gateId }, "battery-low", says(BATTERY)),
    ...status.portals.flatMap(({ portalId, contact, lock, fireRelease }) => {
      const where = { place: portalId, portalId };
      return [
        about(where, "forced", contact === "forced"),
        about(where, "held-too-long", contact === "held-too-long"),
        about(where, "lock-not-answering", lock === "fault"),
        about(where, "fire", fireRelease),
        about(where, "contact-chatter", chattering.has(portalId)),
      ];
    }),
    ...status.readers.flatMap(({ readerId, online, tamper, powerFault }) => {
      const where = { place: readerId, readerId, ...optional("portalId", places.portalOfReader(readerId)) };
      return [
        about(where, "reader-offline", !online),
        ...(calling.has(readerId) ? [] : [about(where, "duress", false)]),
        about(where, "reader-flooded", flooded.has(readerId)),
        // Of a reader that is not heard, the rest is not known.
        ...(online ? [about(where, "tamper", tamper), about(where, "power-fault", powerFault)] : []),
      ];
    }),
  ];
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
