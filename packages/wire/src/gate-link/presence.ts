import { AccessPointId, AreaId, DwellingId, GateId, RESIDENCY_ROLES } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, choice, instant, list, map, optional, uint, uuid, version } from "../schema.ts";
import { MAX_RULED_AREAS } from "./door-rules.ts";

/** As many lines of a muster list; homes beyond are counted in the areas, not listed. */
export const MAX_MUSTER_LINES = 5_000;
/** As many taps that are still shown; the latest. */
export const MAX_AT_DOOR = 64;
/** So long a gate tells who was refused, or is concerned by an alarm. */
export const AT_DOOR_MS = 10 * 60_000;
/** Below what a packet of a gate may have. */
const PRESENCE_MAX_BYTES = 290_000;

/** Whose a credential is: of which home, as what; nobody's name. As `holders` of the keyring say. */
const whose = {
  /** Absent for staff, and for whoever lives nowhere here. */
  dwellingId: [0, optional(uuid(DwellingId))],
  /** Absent for visitors and whoever neither lives nor works here. */
  role: [1, optional(choice(RESIDENCY_ROLES))],
} as const;

/**
 * Unsigned (mutual TLS), never stored by whoever hears it: where persons are, as a gate knows it. The whole present state: at
 * each change but at most once a second, at once when a fire input changes, and every 20 s.
 */
export const presenceReportSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  /** Areas with a rule at whose edge this gate has a reader. */
  areas: [
    2,
    list(
      map({
        areaId: [0, uuid(AreaId)],
        persons: [1, uint(1_000_000)],
        /** Another gate at its edge is not heard: `persons` is what this gate knows. */
        apart: [2, bool()],
      }),
      MAX_RULED_AREAS,
    ),
  ],
  /** Only while a fire input of this gate is on: who counts as inside these areas, the innermost that has a rule. */
  muster: [
    3,
    optional(
      list(map({ ...whose, areaId: [2, uuid(AreaId)], persons: [3, uint(1_000_000, 1)] }), MAX_MUSTER_LINES),
    ),
  ],
  /** Of the last ten minutes: whose credential was refused, or is concerned by an alarm. */
  atDoor: [
    4,
    list(
      map({
        ...whose,
        /** The entry of the gate's journal that tells of it. */
        sequence: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
        at: [3, instant()],
        accessPointId: [4, uuid(AccessPointId)],
      }),
      MAX_AT_DOOR,
    ),
  ],
});

export type PresenceReport = Static<typeof presenceReportSchema>;

export const presenceReport = makeCodec(presenceReportSchema, PRESENCE_MAX_BYTES);
