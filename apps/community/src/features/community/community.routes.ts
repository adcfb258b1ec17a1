import { communityEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CommunityService } from "./community.service.ts";

export function communityRoutes(router: Router, service: CommunityService): void {
  router.staff(communityEndpoints.get, ({ actor }) => service.read(actor));
  router.staff(communityEndpoints.update, ({ author, body }) => service.update(author, body));
}
