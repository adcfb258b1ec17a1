export { vendorAccessRoutes } from "./vendor-access.routes.ts";
export { makeVendorAccessService, type VendorAccessService } from "./vendor-access.service.ts";
export { isVendorAccessOpen } from "./vendor-access.store.ts";
