export { retentionRoutes } from "./retention.routes.ts";
export { makeRetentionService } from "./retention.service.ts";
export { selectRecordSettings } from "./retention.store.ts";
