import { personEndpoints, residencyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { PeopleService } from "./people.service.ts";

export function peopleRoutes(router: Router, service: PeopleService): void {
  router.staff(personEndpoints.list, ({ actor, query }) => service.listPeople(actor, query));
  router.staff(personEndpoints.get, ({ actor, params }) => service.readPerson(actor, params.id));
  router.staff(personEndpoints.create, ({ author, body }) => service.createPerson(author, body));
  router.staff(personEndpoints.update, ({ author, params, body }) =>
    service.updatePerson(author, params.id, body),
  );
  router.staff(personEndpoints.remove, ({ author, params }) => service.removePerson(author, params.id));
  router.staff(personEndpoints.restore, ({ author, params }) => service.restorePerson(author, params.id));

  router.staff(residencyEndpoints.list, ({ actor, query }) => service.listResidencies(actor, query));
  router.staff(residencyEndpoints.get, ({ actor, params }) => service.readResidency(actor, params.id));
  router.staff(residencyEndpoints.create, ({ author, body }) => service.createResidency(author, body));
  router.staff(residencyEndpoints.update, ({ author, params, body }) =>
    service.updateResidency(author, params.id, body),
  );
  router.staff(residencyEndpoints.moveOut, ({ author, params, body }) =>
    service.moveOut(author, params.id, body.at),
  );
  router.staff(residencyEndpoints.remove, ({ author, params }) => service.removeResidency(author, params.id));
  router.staff(residencyEndpoints.restore, ({ author, params }) =>
    service.restoreResidency(author, params.id),
  );
}
