export { cardKeysRoutes } from "./card-keys.routes.ts";
export { makeCardKeysService } from "./card-keys.service.ts";
export { keyStoreRoutes } from "./key-store.routes.ts";
export { type KeyStoreService, keyStoreFindings, makeKeyStoreService } from "./key-store.service.ts";
