import { messageEndpoints, sharingEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { MessagesService } from "./messages.service.ts";
import type { SharingService } from "./sharing.service.ts";

export function messagesRoutes(
  router: Router,
  { messages, sharing }: { readonly messages: MessagesService; readonly sharing: SharingService },
): void {
  const endpoints = messageEndpoints;
  router.staff(endpoints.notices, ({ actor }) => messages.notices(actor));
  router.staff(endpoints.noticeReach, ({ actor, body }) => messages.noticeReach(actor, body.audience));
  router.staff(endpoints.sendNotice, ({ author, body }) => messages.sendNotice(author, body));
  router.staff(endpoints.commercial, ({ actor }) => messages.commercial(actor));
  router.staff(endpoints.commercialReach, ({ actor, body }) =>
    messages.commercialReach(actor, body.audience, body.advertiserId),
  );
  router.staff(endpoints.sendCommercial, ({ author, body }) => messages.sendCommercial(author, body));
  router.resident(endpoints.ownNotices, async ({ resident }) => ({
    items: [...(await messages.ownNotices(resident))],
  }));
  router.resident(endpoints.readNotice, ({ resident, params }) => messages.readNotice(resident, params.id));
  router.resident(endpoints.ownCommercial, ({ resident }) => messages.ownCommercial(resident));
  router.resident(endpoints.stopCommercial, ({ resident }) => messages.stopCommercial(resident));
  router.open(sharingEndpoints.list, async () => ({ items: [...(await sharing.list())] }));
  router.staff(sharingEndpoints.register, ({ author, body }) => sharing.register(author, body));
  router.staff(sharingEndpoints.end, ({ author, params }) => sharing.end(author, params.id));
  router.personal(
    sharingEndpoints.share,
    ({ author, params, body }) => sharing.share(author, params.id, body),
    ({ person }) => [person.id],
  );
}
