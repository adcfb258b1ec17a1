export { eventsRoutes } from "./events.routes.ts";
export { type EventsService, makeEventsService } from "./events.service.ts";
export { selectEvent } from "./events.store.ts";
export { type ExplainService, makeExplainService } from "./explain.service.ts";
export { type LiveHub, makeLiveHub } from "./live-hub.ts";
export { makeOverviewService, type OverviewService } from "./overview.service.ts";
