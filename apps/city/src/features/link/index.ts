export { makeCommunityFinder } from "./find-community.ts";
export { linkRoutes } from "./link.ts";
