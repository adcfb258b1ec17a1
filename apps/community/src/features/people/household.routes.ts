import { householdEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { HouseholdService } from "./household.service.ts";

export function householdRoutes(router: Router, household: HouseholdService): void {
  router.resident(householdEndpoints.list, async ({ resident }) => ({
    items: [...(await household.list(resident))],
  }));
  router.resident(householdEndpoints.alias, async ({ resident, body }) => {
    await household.rename(resident, body.displayName);
    return null;
  });
  router.resident(householdEndpoints.invite, ({ resident, params, body }) =>
    household.invite(resident, params.dwellingId, body),
  );
}
