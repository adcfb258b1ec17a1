export type { ConsentInForce, HasConsent } from "./consent-source.ts";
export { messagesRoutes } from "./messages.routes.ts";
export { makeMessagesService } from "./messages.service.ts";
export { countWithoutConsent, insertNotice } from "./messages.store.ts";
export { makeSharingService } from "./sharing.service.ts";
