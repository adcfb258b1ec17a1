export { searchRoutes } from "./search.routes.ts";
export { makeSearchService, type SearchService } from "./search.service.ts";
