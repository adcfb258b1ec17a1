export { makePasses, type PassServices } from "./make-passes.ts";
export { passesRoutes } from "./passes.routes.ts";
export { makePassesSource } from "./passes-source.ts";
export { makePlaces } from "./places.ts";
