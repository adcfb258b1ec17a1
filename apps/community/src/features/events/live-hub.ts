import type { Logger } from "@menshen/service-kit";
import type { DoorState, EventItem, Gate, LiveEvents, LiveEventType, Permission } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import type { GateLink, LiveMessage, StoredEvent } from "../../gate-link/index.ts";
import { type AlarmFeed, alarmPermission, type PositionedAlarm } from "../alarms/index.ts";
import { gateView, selectGate } from "../devices/index.ts";
import type { Directory } from "../directory/index.ts";
import { eventView } from "./event-view.ts";
import { readDoors } from "./overview.service.ts";

/** One message of the stream. `position` stands on events only, `alarmPosition` on alarms: the places to go on from. */
export interface LiveFrame<Type extends LiveEventType = LiveEventType> {
  readonly type: Type;
  readonly data: LiveEvents[Type];
  readonly position?: number;
  readonly alarmPosition?: number;
  /** What a viewer must be allowed to, beside reading events. */
  readonly needs?: Permission;
}

export type FrameListener = (frame: LiveFrame) => void;

/** Turns what gates do into frames, once for all who watch. */
export interface LiveHub {
  /** Calls `listener` with each frame from now on, in order; returns the function that ends it. */
  readonly listen: (listener: FrameListener) => () => void;
  /** Frames of the state of all gates and doors. */
  readonly state: () => Promise<readonly LiveFrame[]>;
  /** Frames of the events after `position`, in order; `done` when there are no more for now. */
  readonly after: (
    position: number,
  ) => Promise<{ readonly frames: readonly LiveFrame<"event">[]; readonly done: boolean }>;
  /** Tells all who watch something that other slices know; in order with the rest. */
  readonly announce: (frame: LiveFrame) => void;
  /** Frames of alarms that changed after a position, in order; without one, of all that stand. */
  readonly alarmsAfter: (position: number | undefined) => Promise<readonly LiveFrame<"alarm">[]>;
  readonly stop: () => Promise<void>;
}

export interface LiveHubDependencies {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates" | "readEventsAfter">;
  readonly alarms: Pick<AlarmFeed, "listen" | "after" | "standing">;
  readonly logger: Logger;
}

const REPLAY_PAGE = 500;

export function makeLiveHub(dependencies: LiveHubDependencies): LiveHub {
  const { db, directory, gateLink, alarms, logger } = dependencies;
  const listeners = new Set<FrameListener>();
  const lastDoor = new Map<string, string>();
  // One after the other: frames leave in the order in which the facts were committed.
  let queue: Promise<void> = Promise.resolve();

  const unsubscribe = gateLink.onLive((message) => {
    if (listeners.size === 0) return;
    inOrder(message.type, () => tell(message));
  });

  const unlisten = alarms.listen((changed) => {
    inOrder("alarms", async () => {
      for (const alarm of changed) emit(alarmFrame(alarm));
    });
  });

  function inOrder(what: string, work: () => Promise<void>): void {
    queue = queue
      .then(work)
      .catch((error: unknown) => logger.error({ error, what }, "a live message could not be told"));
  }

  function emit(frame: LiveFrame): void {
    for (const listener of listeners) listener(frame);
  }

  async function tell(message: LiveMessage): Promise<void> {
    if (message.type === "events") {
      for (const frame of await eventFrames(message.events())) emit(frame);
      return;
    }
    const record = await selectGate(db, message.state.gateId);
    if (record === undefined) return;
    emit(gateFrame(gateView(record, message.state)));
    for (const door of await readDoors(db, await directory(), [message.state], record.id)) {
      const text = JSON.stringify(door);
      if (lastDoor.get(door.portalId) === text) continue;
      lastDoor.set(door.portalId, text);
      emit(doorFrame(door));
    }
  }

  async function eventFrames(events: readonly StoredEvent[]): Promise<LiveFrame<"event">[]> {
    const names = await directory();
    return events.map((event) => eventFrame(eventView(event, names), event.position));
  }

  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async state() {
      const states = await gateLink.readGates();
      const gates: LiveFrame[] = [];
      for (const state of states) {
        const record = await selectGate(db, state.gateId);
        if (record !== undefined) gates.push(gateFrame(gateView(record, state)));
      }
      return [...gates, ...(await readDoors(db, await directory(), states)).map(doorFrame)];
    },

    async after(position) {
      const events = await gateLink.readEventsAfter(position, REPLAY_PAGE);
      return { frames: await eventFrames(events), done: events.length === 0 };
    },

    announce(frame) {
      inOrder(frame.type, async () => emit(frame));
    },

    async alarmsAfter(position) {
      const changed = position === undefined ? await alarms.standing() : await alarms.after(position);
      return changed.map(alarmFrame);
    },

    async stop() {
      unsubscribe();
      unlisten();
      await queue;
    },
  };
}

function eventFrame(data: EventItem, position: number): LiveFrame<"event"> {
  return { type: "event", data, position };
}

function alarmFrame({ alarm, position }: PositionedAlarm): LiveFrame<"alarm"> {
  return { type: "alarm", data: alarm, alarmPosition: position, needs: alarmPermission(alarm.kind) };
}

function doorFrame(data: DoorState): LiveFrame<"door-state"> {
  return { type: "door-state", data };
}

function gateFrame(data: Gate): LiveFrame<"gate-state"> {
  return { type: "gate-state", data };
}
