import { lockdownEndpoints, lockdownPlanEndpoints, massUnlockEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { LockdownsService } from "./lockdowns.service.ts";
import type { MassUnlocksService } from "./mass-unlocks.service.ts";
import type { PlansService } from "./plans.service.ts";

export function lockdownRoutes(
  router: Router,
  services: {
    readonly plans: PlansService;
    readonly lockdowns: LockdownsService;
    readonly massUnlocks: MassUnlocksService;
  },
): void {
  const { plans, lockdowns, massUnlocks } = services;
  router.staff(lockdownPlanEndpoints.list, ({ actor, query }) => plans.list(actor, query));
  router.staff(lockdownPlanEndpoints.get, ({ actor, params }) => plans.read(actor, params.id));
  router.staff(lockdownPlanEndpoints.create, ({ author, body }) => plans.create(author, body));
  router.staff(lockdownPlanEndpoints.update, ({ author, params, body }) =>
    plans.update(author, params.id, body),
  );
  router.staff(lockdownPlanEndpoints.remove, ({ author, params }) => plans.remove(author, params.id));
  router.staff(lockdownPlanEndpoints.restore, ({ author, params }) => plans.restore(author, params.id));

  router.staff(lockdownEndpoints.list, ({ actor, query }) => lockdowns.list(actor, query));
  router.staff(lockdownEndpoints.start, ({ author, body }) => lockdowns.start(author, body));
  router.staff(lockdownEndpoints.end, ({ author, params }) => lockdowns.end(author, params.id));
  router.staff(lockdownEndpoints.keep, ({ author, params }) => lockdowns.keep(author, params.id));

  router.staff(massUnlockEndpoints.list, async ({ actor }) => ({ items: await massUnlocks.list(actor) }));
  router.staff(massUnlockEndpoints.request, ({ author, body }) => massUnlocks.request(author, body));
  router.staff(massUnlockEndpoints.agree, ({ author, params }) => massUnlocks.agree(author, params.id));
}
