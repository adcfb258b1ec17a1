import {
  type DoorState,
  type EventItem,
  type Gate,
  type LiveEvents,
  type LiveEventType,
  liveEndpoints,
  type Overview,
  overviewEndpoints,
} from "@menshen/wire";
import { call } from "./client.ts";

/** How the stream stands: `lost` carries since when, because a banner must be honest. */
export type Connection =
  | { readonly state: "connecting" | "live" }
  | { readonly state: "lost"; readonly since: number };

/** A time without the stream that is over: what happened meanwhile was filled in. */
export interface Break {
  readonly since: number;
  readonly until: number;
  /** Events that came after it and had happened in it. */
  readonly eventCount: number;
}

export interface LiveState {
  readonly overview: Overview | undefined;
  /** Newest first, at most `EVENTS_KEPT`. */
  readonly events: readonly EventItem[];
  readonly connection: Connection;
  /** The last break of this page, once all of it was filled in. */
  readonly lastBreak: Break | undefined;
}

const EVENTS_KEPT = 500;
/** The server sends a heartbeat every 10 s; three missed ones are a lost connection. */
const SILENCE_LIMIT_MS = 30_000;
const RETRY_MS = 2_000;
/** What comes within this time is shown together: a burst of events is one change of the page. */
const TOGETHER_MS = 50;

/** Messages after which whoever shows what they are about reads it again. */
export type NewsType = Exclude<LiveEventType, "event" | "door-state" | "gate-state" | "heartbeat">;
const NEWS = Object.keys({ alarm: true, command: true, lockdown: true, presence: true } satisfies Record<
  NewsType,
  true
>) as NewsType[];
type NewsListener = (type: NewsType) => void;

const eventKey = (event: EventItem) => `${event.gateId}/${event.sequence}`;

/**
 * The live view's state, fed by one overview and then by server-sent events. After any break it goes on from the last
 * cursor, so that nothing is missed in between; if that fails it reads the overview anew.
 */
export class LiveFeed {
  #state: LiveState = {
    overview: undefined,
    events: [],
    connection: { state: "connecting" },
    lastBreak: undefined,
  };
  /** What the page was told last. */
  #shown = this.#state;
  #telling: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #newsListeners = new Set<NewsListener>();
  #source: EventSource | undefined;
  #cursor = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;
  /** Events since the stream was opened again, until its first heartbeat: the server sends that after what was missed. */
  #filledIn = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#stopped) {
      this.#stopped = false;
      addEventListener("offline", this.#wentOffline);
      void this.#begin();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Calls `listener` at each of these messages, and for every type after a break: something may have been missed. */
  readonly onNews = (listener: NewsListener): (() => void) => {
    this.#newsListeners.add(listener);
    return () => this.#newsListeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.#shown;

  #set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#shown = this.#state;
      for (const listener of this.#listeners) listener();
    }, TOGETHER_MS);
  }

  #stop(): void {
    this.#stopped = true;
    removeEventListener("offline", this.#wentOffline);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  /** The browser knows sooner than a missing heartbeat. */
  readonly #wentOffline = () => this.#lost();

  async #begin(): Promise<void> {
    try {
      const overview = await call(overviewEndpoints.get, {});
      if (this.#stopped) return;
      this.#cursor = overview.liveCursor;
      this.#set({ overview, events: overview.events });
      this.#listen();
    } catch {
      this.#lost();
    }
  }

  #listen(): void {
    const query = this.#cursor === "" ? "" : `?after=${encodeURIComponent(this.#cursor)}`;
    const source = new EventSource(liveEndpoints.stream.path + query);
    this.#source = source;
    this.#filledIn = 0;
    source.onopen = () => this.#expectSignal();
    source.onerror = () => this.#lost();
    this.#on(source, "event", (event) => this.#addEvent(event));
    this.#on(source, "door-state", (door) => this.#mergeDoor(door));
    this.#on(source, "gate-state", (gate) => this.#mergeGate(gate));
    for (const type of NEWS) this.#on(source, type, () => this.#tellNews(type));
    this.#on(source, "heartbeat", () => this.#caughtUp());
  }

  #on<Type extends keyof LiveEvents>(
    source: EventSource,
    type: Type,
    act: (data: LiveEvents[Type]) => void,
  ): void {
    source.addEventListener(type, (message: MessageEvent<string>) => {
      if (message.lastEventId !== "") this.#cursor = message.lastEventId;
      this.#expectSignal();
      act(JSON.parse(message.data) as LiveEvents[Type]);
    });
  }

  #tellNews(type: NewsType): void {
    for (const listener of this.#newsListeners) listener(type);
  }

  #caughtUp(): void {
    const { connection } = this.#state;
    if (connection.state === "live") return;
    for (const type of NEWS) this.#tellNews(type);
    this.#set({
      connection: { state: "live" },
      ...(connection.state === "lost"
        ? { lastBreak: { since: connection.since, until: Date.now(), eventCount: this.#filledIn } }
        : {}),
    });
  }

  #expectSignal(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(), SILENCE_LIMIT_MS);
  }

  #lost(): void {
    if (this.#stopped) return;
    this.#source?.close();
    this.#source = undefined;
    if (this.#state.connection.state !== "lost") {
      this.#set({ connection: { state: "lost", since: Date.now() } });
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#state.overview === undefined) void this.#begin();
      else this.#listen();
    }, RETRY_MS);
  }

  #addEvent(event: EventItem): void {
    const key = eventKey(event);
    // A stream that goes on from a cursor may repeat what stood at the break.
    if (this.#state.events.slice(0, 200).some((known) => eventKey(known) === key)) return;
    this.#filledIn += 1;
    this.#set({ events: [event, ...this.#state.events].slice(0, EVENTS_KEPT) });
  }

  #mergeDoor(door: DoorState): void {
    const { overview } = this.#state;
    if (overview === undefined) return;
    const doors = overview.doors.some((known) => known.portalId === door.portalId)
      ? overview.doors.map((known) => (known.portalId === door.portalId ? door : known))
      : [...overview.doors, door];
    this.#set({ overview: { ...overview, doors } });
  }

  #mergeGate(gate: Gate): void {
    const { overview } = this.#state;
    if (overview === undefined) return;
    const gates = overview.gates.some((known) => known.id === gate.id)
      ? overview.gates.map((known) => (known.id === gate.id ? gate : known))
      : [...overview.gates, gate];
    this.#set({ overview: { ...overview, gates } });
  }
}
