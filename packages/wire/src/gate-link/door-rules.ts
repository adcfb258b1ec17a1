import { AccessPointId, AreaId, CommunityId, GateId, PortalId, ScheduleId } from "@menshen/domain";
import type { Static } from "typebox";
import { makeCodec } from "../codec.ts";
import { bool, bytes, choice, instant, list, map, optional, text, uint, uuid, version } from "../schema.ts";
import { epochNumber, PSEUDONYM_KEY_ID_BYTES } from "./trail.ts";

/** As many areas of one community. */
export const MAX_RULED_AREAS = 1_024;
/** As many portals of one gate. */
const MAX_RULED_PORTALS = 256;
/** As many directions through doors of the whole community. */
export const MAX_RULED_ACCESS_POINTS = 8_192;
/** As many gates one gate talks to. */
export const MAX_SITE_PEERS = 512;
/** As many cards under a step. */
export const MAX_CARD_STEPS = 4_096;
const MAX_FLOORS = 64;
const DAY_MS = 24 * 60 * 60 * 1_000;
const DOOR_RULES_MAX_BYTES = 2 * 1024 * 1024;

const areaRuleSchema = map({
  areaId: [0, uuid(AreaId)],
  /** Of whoever is inside already and would enter: `timed` only within `timedMs` of entering. */
  antiPassback: [1, choice(["off", "soft", "hard", "timed"])],
  /** With `timed`. */
  timedMs: [2, optional(uint(DAY_MS, 10_000))],
  /** Persons, not credentials. */
  occupancyLimit: [3, optional(uint(100_000, 1))],
  /** A person has moved only when the door was seen open. */
  countsOnlyConfirmed: [4, bool()],
  /** What holds of all this while gates that lead here cannot hear each other. */
  whenApart: [5, choice(["admit", "refuse"])],
  /** Nobody before a member of staff is inside. */
  firstPersonIn: [6, optional(choice(["staff"]))],
  /** The area never holds exactly one person. */
  minimumPersons: [7, optional(uint(2, 2))],
  /** Who needs an escort (`holders` of the keyring) enters by the same reader within this time behind somebody who needs none. */
  escort: [8, optional(map({ withinMs: [0, uint(60_000, 1_000)] }))],
});

const portalRuleSchema = map({
  portalId: [0, uuid(PortalId)],
  /** Of the portals of one group at most one is not closed and locked. */
  interlockGroup: [1, optional(uint(15, 1))],
  /** Two persons, the second within this time of the first. */
  twoPersonRule: [2, optional(map({ withinMs: [0, uint(60_000, 1_000)] }))],
  /** A member of staff who taps twice holds the door open. */
  doubleTapHold: [
    3,
    optional(map({ withinMs: [0, uint(10_000, 500)], forMs: [1, uint(12 * 60 * 60 * 1_000, 60_000)] })),
  ],
  /** The sound at the door before `held-too-long`, by so much. */
  preAlarmMs: [4, optional(uint(10 * 60_000, 1_000))],
  /** Whether somebody went through is told by the contact. */
  turnstile: [5, optional(map({ confirm: [0, choice(["contact"])] }))],
  /** A lift: which output releases the button of which floor, and when for anybody (a schedule of the snapshot). */
  floors: [
    6,
    optional(
      list(
        map({
          output: [0, uint(63)],
          areaId: [1, uuid(AreaId)],
          scheduleId: [2, optional(uuid(ScheduleId))],
        }),
        MAX_FLOORS,
        1,
      ),
    ),
  ],
  /** A vehicle barrier that takes plates. */
  plate: [7, bool()],
});

/**
 * Signed by the community policy key: what a gate asks beyond "may this person", of areas, persons and doors, and with
 * which gates it agrees on where persons are. Nobody is named in it.
 */
export const doorRulesSchema = map({
  version: [0, version(1)],
  gateId: [1, uuid(GateId)],
  doorRulesVersion: [2, uint(Number.MAX_SAFE_INTEGER, 1)],
  issuedAt: [3, instant()],
  communityId: [4, uuid(CommunityId)],
  /** Of the whole community. */
  areas: [5, list(areaRuleSchema, MAX_RULED_AREAS)],
  /** Of this gate. */
  portals: [6, list(portalRuleSchema, MAX_RULED_PORTALS)],
  /** Of the whole community: who hears of a move knows by it from where to where. */
  accessPoints: [
    7,
    list(
      map({
        id: [0, uuid(AccessPointId)],
        portalId: [1, uuid(PortalId)],
        gateId: [2, uuid(GateId)],
        fromAreaId: [3, uuid(AreaId)],
        toAreaId: [4, uuid(AreaId)],
      }),
      MAX_RULED_ACCESS_POINTS,
    ),
  ],
  /** The other gates of the site network (site-network.md). */
  peers: [
    8,
    list(
      map({
        gateId: [0, uuid(GateId)],
        host: [1, text(253)],
        port: [2, uint(65_535, 1)],
        /** SHA-256 of its device key as DER SubjectPublicKeyInfo: its certificate has this key and no other. */
        keySha256: [3, bytes(32)],
      }),
      MAX_SITE_PEERS,
    ),
  ],
  /** After so many hours a gate forgets where somebody was, so that a forgotten exit shuts nobody out. */
  presenceHours: [9, uint(168, 1)],
  /** What holds at every door whose own rule says nothing else. */
  alarms: [10, map({ preAlarmMs: [0, uint(10 * 60_000, 1_000)] })],
  /** The street: it contains all the areas and has no rule. */
  outsideAreaId: [11, uuid(AreaId)],
  /**
   * Cards about which a person decided a step, by their name of an epoch; absent: none. A gate that knows the card keeps
   * the step past the epoch, for as long as it stands here.
   */
  cards: [
    12,
    optional(
      list(
        map({
          pseudonymKeyId: [0, bytes(PSEUDONYM_KEY_ID_BYTES)],
          pseudonym: [1, bytes(16)],
          epoch: [2, epochNumber()],
          step: [3, choice(["watch", "desk-notice", "second-factor", "block"])],
        }),
        MAX_CARD_STEPS,
      ),
    ),
  ],
});

export type DoorRulesMessage = Static<typeof doorRulesSchema>;
export type SitePeer = DoorRulesMessage["peers"][number];

export const doorRulesMessage = makeCodec(doorRulesSchema, DOOR_RULES_MAX_BYTES);
