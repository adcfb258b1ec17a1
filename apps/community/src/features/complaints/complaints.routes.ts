import { complaintEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { QueueService } from "./queue.service.ts";
import type { WritingService } from "./writing.service.ts";

export function complaintsRoutes(
  router: Router,
  { writing, queue }: { readonly writing: WritingService; readonly queue: QueueService },
): void {
  const endpoints = complaintEndpoints;
  router.resident(endpoints.recipients, () => writing.recipients());
  router.resident(endpoints.own, async ({ resident }) => ({ items: [...(await writing.own(resident))] }));
  router.resident(endpoints.write, ({ resident, body }) => writing.write(resident, body));
  router.resident(endpoints.judge, ({ resident, params, body }) =>
    writing.judgeOwn(resident, params.id, body.verdict, body.text),
  );
  router.open(endpoints.writeNameless, ({ request, body }) => writing.writeNameless(request.ip, body));
  router.open(endpoints.follow, ({ request, body }) => writing.follow(request.ip, body.code));
  router.open(endpoints.judgeNameless, ({ request, body }) =>
    writing.judgeByCode(request.ip, body.code, body.verdict, body.text),
  );
  router.staff(endpoints.queue, ({ actor, query }) => queue.list(actor, query?.answered === true));
  router.personal(
    endpoints.get,
    ({ actor, params, viewReason }) => queue.get(actor, params.id, viewReason !== undefined),
    ({ writer }) => (writer === undefined ? [] : [writer.personId]),
  );
  router.staff(endpoints.answer, ({ author, params, body }) => queue.answer(author, params.id, body.text));
  router.staff(endpoints.handOn, ({ author, params, body }) =>
    queue.handOn(author, params.id, body.to, body.why),
  );
  router.staff(endpoints.enterPaper, ({ author, body }) => writing.enterPaper(author, body));
  router.staff(endpoints.staffRecipients, ({ actor }) => writing.staffRecipients(actor));
}
