export { communityRoutes } from "./communities.ts";
