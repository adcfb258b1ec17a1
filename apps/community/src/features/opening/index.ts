export { type Disclosure, selectDisclosuresFor } from "./disclosures.ts";
export { makeOpeningServices, type OpeningServices } from "./make-opening.ts";
export { openingRoutes } from "./opening.routes.ts";
export { selectHolder } from "./opening.store.ts";
export type { PackageKey } from "./package-key.ts";
