export { aliroRoutes } from "./aliro.routes.ts";
export { makeGateAliro } from "./gate-aliro.ts";
export { makeAliroServices } from "./make-aliro.ts";
