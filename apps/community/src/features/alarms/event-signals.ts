import type { AlarmKind, Reason } from "@menshen/domain";
import type { GateEvent, PortalEvent, ReaderEvent } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { StoredEvent } from "../../gate-link/index.ts";
import type { Places, Signal } from "./signal.ts";

/** What was on its way for longer rings for nobody: it is listed as late. */
export const LATE_MS = 10 * 60_000;

type Meaning = readonly [AlarmKind, Signal["says"]];

const PORTAL_MEANINGS: Readonly<Partial<Record<PortalEvent, readonly Meaning[]>>> = {
  forced: [["forced", "begins"]],
  "held-too-long": [["held-too-long", "begins"]],
  "held-ended": [["held-too-long", "ends"]],
  closed: [
    ["forced", "ends"],
    ["held-too-long", "ends"],
  ],
  "fire-on": [["fire", "begins"]],
  "fire-reset": [["fire", "ends"]],
  "lock-not-answering": [["lock-not-answering", "begins"]],
  // Whatever it answers, it answers.
  locked: [["lock-not-answering", "ends"]],
  unlocked: [["lock-not-answering", "ends"]],
  "contact-chatter": [["contact-chatter", "begins"]],
  "contact-steady": [["contact-chatter", "ends"]],
  tailgated: [["tailgating", "happens"]],
};
const READER_MEANINGS: Readonly<Partial<Record<ReaderEvent, readonly Meaning[]>>> = {
  offline: [["reader-offline", "begins"]],
  online: [["reader-offline", "ends"]],
  "tamper-on": [["tamper", "begins"]],
  "tamper-off": [["tamper", "ends"]],
  "mac-failures": [["reader-attacked", "happens"]],
  "power-fault": [["power-fault", "begins"]],
  "power-restored": [["power-fault", "ends"]],
  call: [["call", "happens"]],
  flooded: [["reader-flooded", "begins"]],
  "flood-ended": [["reader-flooded", "ends"]],
};
const GATE_MEANINGS: Readonly<Partial<Record<GateEvent, readonly Meaning[]>>> = {
  "journal-degraded": [["journal-degraded", "begins"]],
  "journal-restored": [["journal-degraded", "ends"]],
  "power-fault": [["power-fault", "begins"]],
  "power-restored": [["power-fault", "ends"]],
  "battery-low": [["battery-low", "begins"]],
  "battery-restored": [["battery-low", "ends"]],
};
const NOTHING: readonly Meaning[] = [];

/** Names of the entries that may mean something here; of accesses, the refused ones do. */
export const TELLING_EVENTS = {
  portal: Object.keys(PORTAL_MEANINGS),
  reader: Object.keys(READER_MEANINGS),
  gate: Object.keys(GATE_MEANINGS),
} as const;

/**
 * What a stored entry says about alarms.
 *
 * @param behindMs how far the gate's clock stood behind this server's when it last said how it is; 0 if not known: a
 *   gate whose clock is an hour behind still rings at once
 */
export function signalsOfEvent(event: StoredEvent, places: Places, behindMs: number): readonly Signal[] {
  const { entry } = event;
  if (entry === undefined) return [];
  const late = event.receivedAt - entry.latest - Math.max(0, behindMs) > LATE_MS;
  const common = { gateId: event.gateId, at: event.at, receivedAt: event.receivedAt, late };
  const told = (meanings: readonly Meaning[], where: Pick<Signal, "place" | "portalId" | "readerId">) =>
    meanings.map(([kind, says]): Signal => ({ ...common, ...where, kind, says }));
  switch (entry.kind) {
    case "portal": {
      const { portalId } = entry.body;
      return told(PORTAL_MEANINGS[entry.body.event] ?? NOTHING, { place: portalId, portalId });
    }
    case "reader": {
      const { readerId } = entry.body;
      const portalId = optional("portalId", places.portalOfReader(readerId));
      return told(READER_MEANINGS[entry.body.event] ?? NOTHING, { place: readerId, readerId, ...portalId });
    }
    case "gate":
      return told(GATE_MEANINGS[entry.body.event] ?? NOTHING, { place: event.gateId });
    case "access": {
      const { accessPointId, granted, reasons, evidence } = entry.body;
      if (granted || !(evidence?.downgraded === true || reasons.some(looksCopied))) return [];
      const portalId = places.portalOfAccessPoint(accessPointId);
      const where = { place: portalId ?? event.gateId, ...optional("portalId", portalId) };
      return told([["credential-fault", "happens"]], where);
    }
  }
}

/** A card that was pulled away, or a bad contact, is no copy. */
function looksCopied(reason: Reason): boolean {
  switch (reason.code) {
    case "credential-downgraded":
    case "credential-kind-mismatch":
      return true;
    case "credential-not-authentic":
      return reason.detail === "wrong-key" || reason.detail === "replay";
    default:
      return false;
  }
}
