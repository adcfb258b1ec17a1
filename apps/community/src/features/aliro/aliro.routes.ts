import { aliroEndpoints, residentAliroEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AliroDocumentsService } from "./documents.service.ts";
import type { AliroGroupsService } from "./groups.service.ts";
import type { PhoneKeysService } from "./phone-keys.service.ts";

export function aliroRoutes(
  router: Router,
  {
    groups,
    documents,
    phoneKeys,
  }: {
    readonly groups: AliroGroupsService;
    readonly documents: AliroDocumentsService;
    readonly phoneKeys: PhoneKeysService;
  },
): void {
  router.staff(aliroEndpoints.state, ({ actor }) => groups.state(actor));
  router.staff(aliroEndpoints.beginGroup, ({ author, body }) => groups.beginGroup(author, body.doorGroup));
  router.staff(aliroEndpoints.endGroup, ({ author, params }) => groups.endGroup(author, params.id));
  router.staff(aliroEndpoints.renewReaders, ({ author, params }) => groups.renewReaders(author, params.id));
  router.staff(aliroEndpoints.beginIssuer, ({ author }) => groups.beginIssuer(author));
  router.staff(aliroEndpoints.endIssuer, ({ author, params }) => groups.endIssuer(author, params.id));
  router.personal(
    aliroEndpoints.issueDocument,
    ({ author, params, body }) => documents.issue(author, params.id, body),
    ({ personId }) => [personId],
  );
  router.personal(
    aliroEndpoints.withdrawDocuments,
    ({ author, params }) => phoneKeys.withdraw(author, params.id),
    ({ personId }) => [personId],
  );
  router.personal(
    aliroEndpoints.documents,
    ({ actor }) => phoneKeys.documents(actor),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.staff(aliroEndpoints.beginDesk, ({ author, body }) => phoneKeys.beginDesk(author, body));
  router.personal(
    aliroEndpoints.enrolPhone,
    ({ author, params, body }) => phoneKeys.enrolPhone(author, params.id, body),
    ({ credential }) => [credential.personId],
  );
  router.personal(
    aliroEndpoints.requests,
    ({ actor }) => phoneKeys.requests(actor),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.resident(residentAliroEndpoints.list, async ({ resident }) => ({
    ...(await phoneKeys.listOwn(resident)),
    groups: await documents.groups(),
  }));
  router.resident(residentAliroEndpoints.ask, async ({ resident }) => {
    await phoneKeys.ask(resident);
    return null;
  });
  router.resident(residentAliroEndpoints.takeBack, async ({ resident }) => {
    await phoneKeys.takeBack(resident);
    return null;
  });
  router.resident(residentAliroEndpoints.remove, async ({ resident, params }) => {
    await phoneKeys.removeOwn(resident, params.id);
    return null;
  });
  router.resident(residentAliroEndpoints.issueDocument, ({ resident, params, body }) =>
    documents.issueOwn(resident, params.id, body),
  );
}
