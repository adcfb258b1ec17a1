export { aliroRoutes } from "./aliro.routes.ts";
export { makeAliroDocumentsService } from "./documents.service.ts";
export { makeGateAliro } from "./gate-aliro.ts";
export { makeAliroGroupsService } from "./groups.service.ts";
export { makePhoneKeysService } from "./phone-keys.service.ts";
