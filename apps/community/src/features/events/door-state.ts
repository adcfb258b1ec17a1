import type { DoorState } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { GateState } from "../../gate-link/index.ts";
import type { PortalEntry } from "../directory/index.ts";
import type { DesiredMode } from "../doors/index.ts";

/**
 * A door as far as its gate has said. While the gate is silent the last report stands, marked as not fresh; the mode is
 * then the one asked for, since that is what the gate will adopt.
 */
export function doorState(
  portal: PortalEntry,
  gate: GateState | undefined,
  desired: DesiredMode | undefined,
  lastEventAt: number | undefined,
): DoorState {
  const reported = gate?.status?.portals.find((candidate) => candidate.portalId === portal.id);
  const fresh = gate?.online === true && reported !== undefined;
  const mode = fresh ? reported : desired;
  const alarm = alarmOf(reported);
  return {
    portalId: portal.id,
    name: portal.name,
    gateId: portal.gateId,
    ...optional("buildingId", portal.buildingId),
    ...optional("position", portal.position && { ...portal.position }),
    lock: reported === undefined || reported.lock === "fault" ? "unknown" : reported.lock,
    contact: contactOf(reported),
    mode: mode?.mode ?? "normal",
    lockdown: mode?.lockdown ?? 0,
    ...optional("alarm", alarm),
    ...optional("since", fresh || gate?.online === true ? lastEventAt : (gate?.linkSince ?? lastEventAt)),
    fresh,
  };
}

type ReportedPortal = NonNullable<GateState["status"]>["portals"][number];

function contactOf(reported: ReportedPortal | undefined): DoorState["contact"] {
  switch (reported?.contact) {
    case "closed":
      return "closed";
    case "open":
    case "forced":
    case "held-too-long":
      return "open";
    case "none":
    case undefined:
      return "unknown";
  }
}

/** The most urgent first. */
function alarmOf(reported: ReportedPortal | undefined): DoorState["alarm"] {
  if (reported === undefined) return undefined;
  if (reported.fireRelease) return "fire";
  if (reported.contact === "forced") return "forced";
  if (reported.lock === "fault") return "lock-not-answering";
  return reported.contact === "held-too-long" ? "held-too-long" : undefined;
}
