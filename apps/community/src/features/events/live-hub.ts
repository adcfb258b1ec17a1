import type { Logger } from "@menshen/service-kit";
import type { DoorState, EventItem, Gate, LiveEvents, LiveEventType } from "@menshen/wire";
import type { Database } from "../../database/database.ts";
import type { GateLink, LiveMessage, StoredEvent } from "../../gate-link/index.ts";
import { gateView, selectGate } from "../devices/index.ts";
import type { Directory } from "./directory.ts";
import { eventView } from "./event-view.ts";
import { readDoors } from "./overview.service.ts";

/** One message of the stream. `position` stands on events only: the place to go on from. */
export interface LiveFrame<Type extends LiveEventType = LiveEventType> {
  readonly type: Type;
  readonly data: LiveEvents[Type];
  readonly position?: number;
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
  readonly stop: () => Promise<void>;
}

export interface LiveHubDependencies {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates" | "readEventsAfter">;
  readonly logger: Logger;
}

const REPLAY_PAGE = 500;

export function makeLiveHub(dependencies: LiveHubDependencies): LiveHub {
  const { db, directory, gateLink, logger } = dependencies;
  const listeners = new Set<FrameListener>();
  const lastDoor = new Map<string, string>();
  // One after the other: frames leave in the order in which the facts were committed.
  let queue: Promise<void> = Promise.resolve();

  const unsubscribe = gateLink.onLive((message) => {
    if (listeners.size === 0) return;
    queue = queue.then(async () => {
      try {
        await tell(message);
      } catch (error) {
        logger.error({ error, what: message.type }, "a live message could not be told");
      }
    });
  });

  function emit(frame: LiveFrame): void {
    for (const listener of listeners) listener(frame);
  }

  async function tell(message: LiveMessage): Promise<void> {
    if (message.type === "events") {
      for (const frame of await eventFrames(message.events)) emit(frame);
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
      queue = queue.then(() => {
        try {
          emit(frame);
        } catch (error) {
          logger.error({ error, what: frame.type }, "a live message could not be told");
        }
      });
    },

    async stop() {
      unsubscribe();
      await queue;
    },
  };
}

function eventFrame(data: EventItem, position: number): LiveFrame<"event"> {
  return { type: "event", data, position };
}

function doorFrame(data: DoorState): LiveFrame<"door-state"> {
  return { type: "door-state", data };
}

function gateFrame(data: Gate): LiveFrame<"gate-state"> {
  return { type: "gate-state", data };
}
