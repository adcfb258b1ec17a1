export { communityRoutes } from "./community.routes.ts";
export { type CommunityService, makeCommunityService } from "./community.service.ts";
export { selectCommunity } from "./community.store.ts";
