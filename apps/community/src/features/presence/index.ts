export { presenceRoutes } from "./presence.routes.ts";
export { makePresenceService } from "./presence.service.ts";
export { makePresenceBook, type PresenceBook } from "./presence-book.ts";
