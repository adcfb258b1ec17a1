export { makeErasureService } from "./erasure.service.ts";
export { householdRoutes } from "./household.routes.ts";
export { makeHouseholdService } from "./household.service.ts";
export { peopleRoutes } from "./people.routes.ts";
export { makePeopleService, type PeopleService } from "./people.service.ts";
export { residencyEndsRoutes } from "./residency-ends.routes.ts";
export { makeResidencyEndsService } from "./residency-ends.service.ts";
