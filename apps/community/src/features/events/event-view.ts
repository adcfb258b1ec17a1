import type { EventItem } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { StoredEvent } from "../../gate-link/index.ts";
import type { Directory } from "../directory/index.ts";

/** An event as screens see it: places have names; people are not known here, and pseudonyms are nobody's business. */
export function eventView(event: StoredEvent, directory: Directory): EventItem {
  const { entry } = event;
  const common = {
    gateId: event.gateId,
    sequence: event.sequence,
    earliestAt: entry?.earliest ?? event.at,
    latestAt: entry?.latest ?? event.at,
    receivedAt: event.receivedAt,
    gateName: directory.gates.get(event.gateId) ?? "",
  };
  switch (entry?.kind) {
    case undefined:
      return { ...common, kind: "gate", event: "unreadable-entry" };
    case "access": {
      const { accessPointId, granted, reasons, kind, grade, evidence, floors, otherFloors } = entry.body;
      return {
        ...common,
        kind: "access",
        ...accessPointNames(accessPointId, directory),
        granted,
        reasons: [...reasons],
        ...optional("credentialKind", kind),
        ...optional("grade", grade),
        ...(evidence?.downgraded === true ? { downgraded: true } : {}),
        ...optional("counterMark", evidence?.counterMark),
        ...optional(
          "floorNames",
          floors?.flatMap((floor) => directory.accessPoints.get(floor)?.name ?? []),
        ),
        ...optional("otherFloors", otherFloors),
      };
    }
    case "portal":
      return {
        ...common,
        kind: "portal",
        event: entry.body.event,
        ...portalNames(entry.body.portalId, directory),
      };
    case "reader": {
      const reader = directory.readers.get(entry.body.readerId);
      return {
        ...common,
        kind: "reader",
        event: entry.body.event,
        readerId: entry.body.readerId,
        ...optional("readerName", reader?.name),
        ...(reader?.accessPointId === undefined ? {} : accessPointNames(reader.accessPointId, directory)),
      };
    }
    case "gate":
      return { ...common, kind: "gate", event: entry.body.event };
  }
}

function accessPointNames(id: string, directory: Directory) {
  const point = directory.accessPoints.get(id);
  return {
    accessPointId: id,
    ...optional("accessPointName", point?.name),
    ...(point === undefined ? {} : portalNames(point.portalId, directory)),
  };
}

function portalNames(id: string, directory: Directory) {
  return { portalId: id, ...optional("portalName", directory.portals.get(id)?.name) };
}
