import { type Credential, credentialEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CredentialsService } from "./credentials.service.ts";

const holder = ({ personId }: { readonly personId: string }) => [personId];
const holderOf = ({ credential }: { readonly credential: Credential }) => holder(credential);

export function credentialsRoutes(router: Router, service: CredentialsService): void {
  router.personal(
    credentialEndpoints.list,
    ({ actor, query }) => service.list(actor, query),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.personal(credentialEndpoints.get, ({ actor, params }) => service.read(actor, params.id), holder);
  router.personal(
    credentialEndpoints.history,
    ({ actor, params }) => service.history(actor, params.id),
    holder,
  );
  router.personal(credentialEndpoints.enrol, ({ author, body }) => service.enrol(author, body), holderOf);
  router.personal(
    credentialEndpoints.unconfirmed,
    ({ actor }) => service.unconfirmed(actor),
    ({ items }) => items.map(({ personId }) => personId),
  );
  router.personal(
    credentialEndpoints.confirm,
    ({ author, params }) => service.confirm(author, params.id),
    holder,
  );
  router.personal(
    credentialEndpoints.block,
    ({ author, params }) => service.block(author, params.id),
    holder,
  );
  router.personal(
    credentialEndpoints.unblock,
    ({ author, params }) => service.unblock(author, params.id),
    holder,
  );
  router.personal(
    credentialEndpoints.lost,
    ({ author, params }) => service.reportLost(author, params.id),
    holder,
  );
  router.personal(
    credentialEndpoints.returned,
    ({ author, params }) => service.takeBack(author, params.id),
    holder,
  );
  router.personal(
    credentialEndpoints.destroyed,
    ({ author, params }) => service.destroy(author, params.id),
    holder,
  );
  router.personal(credentialEndpoints.order, ({ author, body }) => service.order(author, body), holder);
  router.personal(
    credentialEndpoints.personalise,
    ({ author, params, body }) => service.personalise(author, params.id, body),
    holderOf,
  );
  router.personal(
    credentialEndpoints.handOver,
    ({ author, params, body }) => service.handOver(author, params.id, body),
    holder,
  );
  router.personal(
    credentialEndpoints.replace,
    ({ author, params, body }) => service.replace(author, params.id, body),
    holderOf,
  );
  router.personal(
    credentialEndpoints.validity,
    ({ author, params, body }) => service.setValidity(author, params.id, body),
    holder,
  );
}
