import { commandEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CommandsService } from "./commands.service.ts";

export function commandsRoutes(router: Router, commands: CommandsService): void {
  router.staff(commandEndpoints.list, ({ actor, query }) => commands.list(actor, query));
  router.staff(commandEndpoints.get, ({ actor, params }) => commands.read(actor, params.id));
  router.staff(commandEndpoints.give, ({ author, body }) => commands.give(author, body));
  router.staff(commandEndpoints.forgive, ({ author, body }) => commands.forgive(author, body));
  router.staff(commandEndpoints.forgiveAtDoor, ({ author, body }) => commands.forgiveAtDoor(author, body));
  router.staff(commandEndpoints.setCount, ({ author, body }) => commands.setCount(author, body));
}
