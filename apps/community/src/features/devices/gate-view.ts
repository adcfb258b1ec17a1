import type { Gate, GateDetail } from "@menshen/wire";
import { optional } from "../../database/records.ts";
import type { DocumentState, GateState } from "../../gate-link/index.ts";
import type { GateRecord } from "./gates.store.ts";

/** What the community named and what the gate link knows, as one. */
export function gateView(record: GateRecord, state: GateState): Gate {
  return {
    ...record,
    enrolment: state.enrolment,
    link: state.online ? "online" : state.lastSeenAt === undefined ? "never" : "offline",
    ...optional("linkSince", state.linkSince),
    ...optional("lastSeenAt", state.lastSeenAt),
    ...optional("certificateUntil", state.certificateUntil),
  };
}

function versionView(document: DocumentState): GateDetail["snapshot"] {
  return {
    desired: document.desired,
    ...(document.applied === 0 ? {} : { applied: document.applied }),
    ...optional("error", document.error),
  };
}

export function gateDetail(
  record: GateRecord,
  state: GateState,
  names: ReadonlyMap<string, string>,
  findings: GateDetail["findings"],
): GateDetail {
  const { status } = state;
  return {
    gate: gateView(record, state),
    ...optional("softwareVersion", state.softwareVersion),
    snapshot: versionView(state.documents.snapshot),
    keyring: versionView(state.documents.keyring),
    doorRules: versionView(state.documents["door-rules"]),
    modes: versionView(state.documents.modes),
    stale: state.stale,
    journal: {
      lastSequence: state.journal.lastSequence,
      gaps: state.journal.gaps.map((gap) => ({ ...gap })),
      forked: state.journal.forked,
      rereading: state.journal.rereading,
    },
    alarms: state.alarms.map((alarm) => ({ ...alarm })),
    ...(status === undefined ? {} : { clockSpreadMs: status.latest - status.earliest }),
    readers: (status?.readers ?? []).map((reader) => ({
      readerId: reader.readerId,
      ...optional("name", names.get(reader.readerId)),
      online: reader.online,
      secureChannel: reader.secureChannel === "own-key",
    })),
    findings,
  };
}
