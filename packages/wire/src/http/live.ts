import Type, { type Static } from "typebox";
import { Alarm } from "./alarms.ts";
import type { CommandItem } from "./commands.ts";
import { API_BASE, EpochMs, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { EventItem } from "./events.ts";
import { Gate, HealthFinding } from "./gates.ts";
import type { LockdownNews } from "./lockdown.ts";
import type { PresenceNews } from "./presence.ts";
import { CommunityFacts } from "./session.ts";

/** A door as it stands, as far as its gate has said. */
export const DoorState = Type.Object({
  portalId: Uuid,
  name: Type.String(),
  gateId: Uuid,
  buildingId: Type.Optional(Uuid),
  position: Type.Optional(Type.Object({ x: Type.Integer(), y: Type.Integer() })),
  lock: Type.Enum(["locked", "unlocked", "unknown"]),
  contact: Type.Enum(["closed", "open", "unknown"]),
  mode: Type.Enum(["normal", "locked", "held-open"]),
  lockdown: Type.Integer({ minimum: 0, maximum: 3 }),
  /** What needs a person, if anything. */
  alarm: Type.Optional(Type.Enum(["forced", "held-too-long", "lock-not-answering", "fire"])),
  /** Since when the most urgent of the above holds. */
  since: Type.Optional(EpochMs),
  /** False: the gate is offline and all above is what it last said. */
  fresh: Type.Boolean(),
});
export type DoorState = Static<typeof DoorState>;

export const Overview = Type.Object({
  at: EpochMs,
  community: CommunityFacts,
  doors: Type.Array(DoorState),
  gates: Type.Array(Gate),
  findings: Type.Array(HealthFinding),
  /** The latest, newest first, at most 100. */
  events: Type.Array(EventItem),
  /** Alarms that are not closed, gravest first; absent without the permission `alarms.read`. */
  alarms: Type.Optional(Type.Array(Alarm)),
  /** Give this to `/live` as `after`, so that nothing is missed in between. */
  liveCursor: Type.String(),
});
export type Overview = Static<typeof Overview>;

export const overviewEndpoints = {
  get: endpoint({
    id: "getOverview",
    method: "GET",
    path: `${API_BASE}/overview`,
    tag: "live",
    summary: "everything the live view shows at first",
    response: Overview,
  }),
} as const;

/**
 * `GET /api/v1/live` is a stream of server-sent events; each carries an `id` that the browser sends back as
 * `Last-Event-ID` after a break (or give it as `after`), and the server then sends what was missed. Types and data:
 */
export interface LiveEvents {
  readonly event: EventItem;
  /**
   * An alarm as it stands now, whatever changed about it. A viewer without a cursor is first sent all that are not closed;
   * one with a cursor all that changed since, those that were closed meanwhile too.
   */
  readonly alarm: Alarm;
  readonly "door-state": DoorState;
  readonly "gate-state": Gate;
  /** A command was given, or it is known what became of it. */
  readonly command: CommandItem;
  /** A lockdown or drill began, changed or ended. */
  readonly lockdown: LockdownNews;
  /** Persons came or went, or gates tell otherwise of whom they refused. */
  readonly presence: PresenceNews;
  readonly heartbeat: LiveHeartbeat;
}
export type LiveEventType = keyof LiveEvents;

export const LiveHeartbeat = Type.Object({ at: EpochMs });
export type LiveHeartbeat = Static<typeof LiveHeartbeat>;

export const liveEndpoints = {
  stream: endpoint({
    id: "streamLive",
    method: "GET",
    path: `${API_BASE}/live`,
    tag: "live",
    summary: "server-sent events: event, alarm, door-state, gate-state, command, lockdown, heartbeat",
    query: Type.Object(
      { after: Type.Optional(Type.String({ maxLength: 400 })) },
      { additionalProperties: false },
    ),
    response: Type.String(),
  }),
} as const;
