import { eventEndpoints, liveEndpoints, overviewEndpoints } from "@menshen/wire";
import type { FastifyRequest } from "fastify";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import type { Router } from "../../http/router.ts";
import type { AlarmFeed } from "../alarms/index.ts";
import type { EventsService } from "./events.service.ts";
import type { ExplainService } from "./explain.service.ts";
import { parseLiveCursor } from "./live-cursor.ts";
import type { LiveHub } from "./live-hub.ts";
import { streamLive } from "./live-stream.ts";
import type { OverviewService } from "./overview.service.ts";

export interface EventsRoutesDependencies {
  readonly events: EventsService;
  readonly explain: ExplainService;
  readonly overview: OverviewService;
  readonly hub: LiveHub;
  readonly alarms: Pick<AlarmFeed, "last">;
  readonly clock: Clock;
  readonly gateLink: Pick<GateLink, "lastPosition">;
  /** Who asks, as long as their session lives. */
  readonly findActor: (request: FastifyRequest) => Promise<Actor | undefined>;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
}

export function eventsRoutes(router: Router, dependencies: EventsRoutesDependencies): void {
  const { events, explain, overview, hub, alarms, clock, gateLink, findActor, closing } = dependencies;
  router.staff(eventEndpoints.list, ({ actor, query }) => events.list(actor, query));
  router.staff(eventEndpoints.get, ({ actor, params }) => events.read(actor, params.gateId, params.sequence));
  router.staff(eventEndpoints.why, ({ actor, params }) => explain.why(actor, params));
  router.staff(overviewEndpoints.get, ({ actor }) => overview.read(actor));

  router.staff(liveEndpoints.stream, async ({ actor, query, request, reply }) => {
    authorise(actor, "events.read");
    const header = request.headers["last-event-id"];
    const from = (typeof header === "string" ? header : undefined) ?? query.after;
    const cursor = from === undefined ? undefined : parseLiveCursor(from);
    if (from !== undefined && cursor === undefined) {
      throw refusal("invalid-request", "expected the id of an event of this stream");
    }
    const last = await gateLink.lastPosition();
    // A position beyond the last is one of another database: begin where this one stands.
    const after = cursor === undefined ? last : Math.min(cursor.event, last);
    const isHere = cursor?.alarm !== undefined && cursor.alarm <= (await alarms.last());
    const alarmsAfter = isHere ? cursor.alarm : undefined;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // For proxies that would collect the stream before passing it on.
      "x-accel-buffering": "no",
    });
    request.raw.socket.setTimeout(0);
    await streamLive(reply.raw, {
      hub,
      clock,
      after,
      alarmsAfter,
      sees: ({ needs }) => needs === undefined || actor.permissions.has(needs),
      closing,
      mayGoOn: async () => (await findActor(request))?.permissions.has("events.read") ?? false,
    });
    return "";
  });
}
