import { randomUUID } from "node:crypto";
import type { Logger } from "@menshen/service-kit";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import type { GateLink, GateState } from "../../gate-link/index.ts";
import {
  lockFeed,
  putFacts,
  selectGatesOfLasting,
  selectLasting,
  selectToFold,
  writeFeed,
} from "./alarm-feed.store.ts";
import { signalsOfEvent } from "./event-signals.ts";
import { foldSignals } from "./fold-signals.ts";
import type { Places, Signal } from "./signal.ts";
import { signalsOfState } from "./state-signals.ts";
import { selectLastStored, selectTellingEvents } from "./telling-events.ts";

/** Positions of one transaction. */
const PAGE = 2_000;
/** A gate that fell silent is seen by then, if nothing said so before. */
const REVIEW_MS = 15_000;

/** Makes alarms of what gates store and say. */
export interface AlarmFollower {
  /** Reads on where the last transaction ended, in this life of the server or an earlier one. */
  readonly start: () => Promise<void>;
  /** Resolves when all that is stored and said by now is made into alarms. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface FollowerDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates">;
  /** Told after each commit that changed an alarm. */
  readonly changed: () => void;
}

export function makeAlarmFollower(dependencies: FollowerDependencies): AlarmFollower {
  const { db, clock, logger, gateLink, changed } = dependencies;
  const wanted = { events: false, review: false };
  /** As the last review read it. */
  let states: readonly GateState[] = [];
  let stopped = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe = () => {};

  function nudge(...what: readonly (keyof typeof wanted)[]): Promise<void> {
    for (const name of what) wanted[name] = true;
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function run(): Promise<void> {
    while ((wanted.events || wanted.review) && !stopped) {
      const isReview = wanted.review;
      wanted.events = false;
      wanted.review = false;
      try {
        if (isReview) states = await gateLink.readGates();
        while (!stopped && (await followPage()));
        if (isReview) await review();
      } catch (error) {
        // What was not committed is read again: at the next news, or the next review.
        logger.error({ error }, "alarms could not be brought up to date");
      }
    }
  }

  /** One page of the journals; true if there is more. */
  async function followPage(): Promise<boolean> {
    const behind = new Map<string, number>(states.map((state) => [state.gateId, behindMs(state)]));
    const done = await db.transaction().execute(async (trx) => {
      const feed = await lockFeed(trx);
      const stored = await selectLastStored(trx);
      // A database that was put back to an earlier copy begins again where that one stands.
      const from = Math.min(feed.followed, stored);
      const until = Math.min(from + PAGE, stored);
      if (until === feed.followed) return { more: false, told: false };
      const events = await selectTellingEvents(trx, from, until);
      const places = await readPlaces(trx);
      const signals = events.flatMap((event) => signalsOfEvent(event, places, behind.get(event.gateId) ?? 0));
      const last = await fold(trx, signals, feed.last);
      await writeFeed(trx, { followed: until, last });
      return { more: until < stored, told: last > feed.last };
    });
    if (done.told) changed();
    return done.more;
  }

  /** Compares what stands with what gates say now. Says nothing twice. */
  async function review(): Promise<void> {
    const now = clock.now();
    const told = await db.transaction().execute(async (trx) => {
      const feed = await lockFeed(trx);
      const places = await readPlaces(trx);
      const present = new Set(
        (await trx.selectFrom("gate").select("id").where("removed_at", "is", null).execute()).map(
          ({ id }) => id,
        ),
      );
      const known = states.filter((state) => present.has(state.gateId) && state.enrolment === "enrolled");
      const gone = (await selectGatesOfLasting(trx)).filter(
        (gateId) => !known.some((state) => state.gateId === gateId),
      );
      const signals = [
        ...known.flatMap((state) => signalsOfState(state, places, now)),
        ...(await selectLasting(trx, gone)).map(
          ({ kind, place, gateId, lastAt }): Signal => ({
            kind,
            place,
            gateId,
            says: "ends",
            at: Math.max(now, lastAt),
            receivedAt: now,
            late: false,
          }),
        ),
      ];
      const last = await fold(trx, signals, feed.last);
      if (last === feed.last) return false;
      await writeFeed(trx, { ...feed, last });
      return true;
    });
    if (told) changed();
  }

  async function fold(trx: Trx, signals: readonly Signal[], last: number): Promise<number> {
    const alarms = await selectToFold(trx, [...new Set(signals.map(({ place }) => place))], clock.now());
    const folded = foldSignals(alarms, signals, randomUUID);
    let position = last;
    for (const alarm of folded.changed) {
      position += 1;
      await putFacts(trx, alarm, position, folded.rangAgain.has(alarm.id));
    }
    return position;
  }

  return {
    async start() {
      unsubscribe = gateLink.onLive(({ type }) => void nudge(type === "gate" ? "review" : "events"));
      timer = setInterval(() => void nudge("review"), REVIEW_MS);
      await nudge("events", "review");
    },
    settle: () => nudge("events", "review"),
    async stop() {
      stopped = true;
      unsubscribe();
      clearInterval(timer);
      await running;
    },
  };
}

/** How far a gate's clock stood behind the server's when it last said how it is, at least. */
function behindMs({ status, statusAt }: GateState): number {
  return status === undefined || statusAt === undefined ? 0 : statusAt - status.latest;
}

async function readPlaces(trx: Trx): Promise<Places> {
  const points = await trx.selectFrom("access_point").select(["id", "portal_id"]).execute();
  const readers = await trx.selectFrom("reader").select(["id", "access_point_id"]).execute();
  const portals = new Map(points.map((row) => [row.id, row.portal_id]));
  const ofReader = new Map(readers.map((row) => [row.id, row.access_point_id]));
  return {
    portalOfAccessPoint: (id) => portals.get(id),
    portalOfReader: (id) => portals.get(ofReader.get(id) ?? ""),
  };
}
