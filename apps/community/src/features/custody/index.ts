export { makeAppointmentsService } from "./appointments.service.ts";
export { makeCeremoniesService } from "./ceremonies.service.ts";
export { makeCustodianFinder } from "./custodian-finder.ts";
export { custodyRoutes } from "./custody.routes.ts";
export { type KeyOfEpoch, type KeyRing, makeKeyRing } from "./key-ring.ts";
export { makePoliciesService } from "./policies.service.ts";
export { makeReceiptsService } from "./receipts.service.ts";
export { makeCustodyStatusService } from "./status.service.ts";
