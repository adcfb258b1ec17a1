import {
  ownDeletionEndpoints,
  type Person,
  personEndpoints,
  type Residency,
  residencyEndpoints,
} from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ErasureService } from "./erasure.service.ts";
import type { PeopleService } from "./people.service.ts";

const person = ({ id }: Person) => [id];
const people = ({ items }: { readonly items: readonly Person[] }) => items.map(({ id }) => id);
const holder = ({ personId }: Residency) => [personId];
const holders = ({ items }: { readonly items: readonly Residency[] }) =>
  items.map(({ personId }) => personId);

export function peopleRoutes(router: Router, service: PeopleService, erasure: ErasureService): void {
  router.personal(personEndpoints.list, ({ actor, query }) => service.listPeople(actor, query), people);
  router.personal(personEndpoints.get, ({ actor, params }) => service.readPerson(actor, params.id), person);
  router.staff(personEndpoints.create, ({ author, body }) => service.createPerson(author, body));
  router.personal(
    personEndpoints.update,
    ({ author, params, body }) => service.updatePerson(author, params.id, body),
    person,
  );
  router.personal(
    personEndpoints.remove,
    ({ author, params }) => service.removePerson(author, params.id),
    person,
  );
  router.personal(
    personEndpoints.restore,
    ({ author, params }) => service.restorePerson(author, params.id),
    person,
  );

  router.staff(personEndpoints.erase, ({ author, params }) => erasure.erase(author, params.id));
  router.resident(ownDeletionEndpoints.ask, ({ resident, body }) => erasure.eraseOneself(resident, body));

  router.personal(
    residencyEndpoints.list,
    ({ actor, query }) => service.listResidencies(actor, query),
    holders,
  );
  router.personal(
    residencyEndpoints.get,
    ({ actor, params }) => service.readResidency(actor, params.id),
    holder,
  );
  router.personal(
    residencyEndpoints.create,
    ({ author, body }) => service.createResidency(author, body),
    holder,
  );
  router.personal(
    residencyEndpoints.update,
    ({ author, params, body }) => service.updateResidency(author, params.id, body),
    holder,
  );
  router.personal(
    residencyEndpoints.moveOut,
    ({ author, params, body }) => service.moveOut(author, params.id, body.at),
    ({ residency }) => holder(residency),
  );
  router.personal(
    residencyEndpoints.remove,
    ({ author, params }) => service.removeResidency(author, params.id),
    holder,
  );
  router.personal(
    residencyEndpoints.restore,
    ({ author, params }) => service.restoreResidency(author, params.id),
    holder,
  );
}
