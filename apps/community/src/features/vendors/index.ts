export { makeVendorExitsService } from "./exits.service.ts";
export { vendorOfGate } from "./vendor-of-gate.ts";
export { vendorsRoutes } from "./vendors.routes.ts";
export { makeVendorsService } from "./vendors.service.ts";
