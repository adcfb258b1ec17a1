import { ruleEndpoints } from "@menshen/wire";
import { namedResidents, type Router } from "../../http/router.ts";
import type { RulesService } from "./rules.service.ts";

export function rulesRoutes(router: Router, service: RulesService): void {
  router.staff(ruleEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(ruleEndpoints.get, ({ actor, params }) => service.read(actor, params.id));
  router.personal(
    ruleEndpoints.check,
    ({ actor, viewReason, body }) => service.check(actor, viewReason, body),
    ({ violations }) => namedResidents(violations),
  );
  router.staff(ruleEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(ruleEndpoints.update, ({ author, params, body }) => service.update(author, params.id, body));
  router.staff(ruleEndpoints.remove, ({ author, params }) => service.remove(author, params.id));
  router.staff(ruleEndpoints.restore, ({ author, params }) => service.restore(author, params.id));
}
