import { ownRightsEndpoints, type RightsRequest, rightsEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { RightsService } from "./rights.service.ts";

const person = ({ personId }: RightsRequest) => [personId];

export function rightsRoutes(router: Router, rights: RightsService): void {
  router.resident(ownRightsEndpoints.copy, ({ resident }) => rights.copy(resident));
  router.resident(ownRightsEndpoints.list, async ({ resident }) => ({
    items: [...(await rights.ofResident(resident))],
  }));
  router.resident(ownRightsEndpoints.ask, ({ resident, body }) =>
    rights.ask(resident, body.kind, body.words),
  );

  router.personal(
    rightsEndpoints.list,
    async ({ actor }) => ({ items: [...(await rights.list(actor))] }),
    ({ items }) => items.flatMap(person),
  );
  router.personal(
    rightsEndpoints.enter,
    ({ author, params, body }) => rights.enter(author, params.id, body),
    person,
  );
  router.personal(
    rightsEndpoints.answer,
    ({ author, params, body }) => rights.answer(author, params.id, body),
    person,
  );
  router.personal(
    rightsEndpoints.copy,
    ({ actor, params }) => rights.copyForHeirs(actor, params.id),
    ({ person: { id } }) => (typeof id === "string" ? [id] : []),
  );
}
