export { makeCommandSource } from "./command-source.ts";
export { commandsRoutes } from "./commands.routes.ts";
export { type CommandsService, makeCommandsService } from "./commands.service.ts";
