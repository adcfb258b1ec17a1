import { cardKeyEndpoints, keyRequestEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CardKeysService } from "./card-keys.service.ts";
import type { KeyRequestsService } from "./key-requests.service.ts";
import type { KeyStoreService } from "./key-store.service.ts";

export function cardKeysRoutes(
  router: Router,
  services: {
    readonly service: CardKeysService;
    readonly requests: KeyRequestsService;
    readonly store: KeyStoreService;
  },
): void {
  const { service, requests, store } = services;
  router.staff(cardKeyEndpoints.store, ({ actor }) => store.read(actor));
  router.staff(cardKeyEndpoints.unlock, ({ author, body }) => store.unlock(author, body.secret));
  router.staff(cardKeyEndpoints.report, ({ actor }) => service.report(actor));
  router.staff(cardKeyEndpoints.startForGroup, ({ author, params }) =>
    service.startForGroup(author, params.doorGroup),
  );
  router.staff(keyRequestEndpoints.list, async ({ actor }) => ({ items: await requests.list(actor) }));
  router.staff(keyRequestEndpoints.askToStart, ({ author }) => requests.ask(author, { act: "start" }));
  router.staff(keyRequestEndpoints.askToEnd, ({ author, params }) =>
    requests.ask(author, { act: "end", version: params.version }),
  );
  router.staff(keyRequestEndpoints.agree, ({ author, params }) => requests.agree(author, params.id));
  router.staff(keyRequestEndpoints.withdraw, ({ author, params }) => requests.withdraw(author, params.id));
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
