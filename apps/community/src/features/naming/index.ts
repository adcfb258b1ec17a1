export { selectTrailNaming } from "./desk-keys.ts";
export { makeNaming, type NamingServices } from "./make-naming.ts";
export type { NamesService } from "./names.service.ts";
export { namingRoutes } from "./naming.routes.ts";
export { selectNamedStaff } from "./naming.store.ts";
