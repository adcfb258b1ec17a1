export { cardMigrationRoutes } from "./card-migration.routes.ts";
export { makeCardMigrationService } from "./card-migration.service.ts";
