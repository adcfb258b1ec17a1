import { type NamedResidencyEnd, ownResidencyEndpoints, residencyEndEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ResidencyEndsService } from "./residency-ends.service.ts";

const person = ({ personId }: NamedResidencyEnd) => [personId];

export function residencyEndsRoutes(router: Router, ends: ResidencyEndsService): void {
  router.personal(
    residencyEndEndpoints.list,
    async ({ actor, query }) => ({ items: [...(await ends.list(actor, query.past === true))] }),
    ({ items }) => items.flatMap(person),
  );
  router.personal(
    residencyEndEndpoints.ask,
    ({ author, params, body }) => ends.ask(author, params.id, body),
    person,
  );
  router.personal(residencyEndEndpoints.told, ({ author, params }) => ends.told(author, params.id), person);
  router.personal(
    residencyEndEndpoints.answer,
    ({ author, params, body }) => ends.answerAtDesk(author, params.id, body),
    person,
  );
  router.personal(
    residencyEndEndpoints.withdraw,
    ({ author, params }) => ends.withdraw(author, params.id),
    person,
  );
  router.personal(
    residencyEndEndpoints.decide,
    ({ author, params, body }) => ends.decide(author, params.id, body),
    person,
  );

  router.resident(ownResidencyEndpoints.list, async ({ resident }) => ({
    items: await ends.ofResident(resident),
  }));
  router.resident(ownResidencyEndpoints.leave, ({ resident, params, body }) =>
    ends.leave(resident, params.id, body),
  );
  router.resident(ownResidencyEndpoints.answer, ({ resident, params, body }) =>
    ends.answer(resident, params.id, body),
  );
  router.resident(ownResidencyEndpoints.stay, ({ resident, params }) => ends.stay(resident, params.id));
}
