import { aliroEndpoints, residentAliroEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AliroDocumentsService } from "./documents.service.ts";
import type { AliroGroupsService } from "./groups.service.ts";

export function aliroRoutes(
  router: Router,
  { groups, documents }: { readonly groups: AliroGroupsService; readonly documents: AliroDocumentsService },
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
  router.resident(residentAliroEndpoints.list, ({ resident }) => documents.listOwn(resident));
  router.resident(residentAliroEndpoints.issueDocument, ({ resident, params, body }) =>
    documents.issueOwn(resident, params.id, body),
  );
}
