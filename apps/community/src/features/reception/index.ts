export { receptionRoutes } from "./reception.routes.ts";
export { makeReceptionService } from "./reception.service.ts";
