import { cardKeyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CardKeysService } from "./card-keys.service.ts";
import type { KeyStoreService } from "./key-store.service.ts";

export function cardKeysRoutes(
  router: Router,
  { service, store }: { readonly service: CardKeysService; readonly store: KeyStoreService },
): void {
  router.staff(cardKeyEndpoints.store, ({ actor }) => store.read(actor));
  router.staff(cardKeyEndpoints.unlock, ({ author, body }) => store.unlock(author, body.secret));
  router.staff(cardKeyEndpoints.report, ({ actor }) => service.report(actor));
  router.staff(cardKeyEndpoints.start, ({ author }) => service.start(author));
  router.staff(cardKeyEndpoints.startForGroup, ({ author, params }) =>
    service.startForGroup(author, params.doorGroup),
  );
  router.staff(cardKeyEndpoints.end, ({ author, params }) => service.end(author, params.version));
  router.staff(cardKeyEndpoints.group, ({ actor, params }) => service.group(actor, params.doorGroup));
  router.personal(
    cardKeyEndpoints.groupCards,
    async ({ actor, params }) => ({ items: [...(await service.groupCards(actor, params.doorGroup))] }),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.personal(
    cardKeyEndpoints.waiting,
    async ({ actor }) => ({ items: [...(await service.waiting(actor))] }),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.personal(
    cardKeyEndpoints.renewal,
    ({ author, params }) => service.renewal(author, params.id),
    ({ credential }) => [credential.personId],
  );
  router.personal(
    cardKeyEndpoints.renewed,
    ({ author, params }) => service.renewed(author, params.id),
    ({ personId }) => [personId],
  );
}
