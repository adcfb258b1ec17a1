export { selectTrailNaming } from "./desk-keys.ts";
export { makeNaming, type NamingServices } from "./make-naming.ts";
export { namingRoutes } from "./naming.routes.ts";
export { selectNamedStaff } from "./told.store.ts";
