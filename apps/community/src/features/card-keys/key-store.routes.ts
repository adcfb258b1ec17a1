import { cardKeyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { KeyStoreService } from "./key-store.service.ts";

export function keyStoreRoutes(router: Router, service: KeyStoreService): void {
  router.staff(cardKeyEndpoints.store, ({ actor }) => service.read(actor));
  router.staff(cardKeyEndpoints.unlock, ({ author, body }) => service.unlock(author, body.secret));
}
