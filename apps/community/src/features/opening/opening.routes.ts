import { custodianOpeningEndpoints, openingEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AnswersService } from "./answers.service.ts";
import type { HandoverService } from "./handover.service.ts";
import type { IntakeService } from "./intake.service.ts";
import type { ReportService } from "./report.service.ts";
import type { SealService } from "./seal.service.ts";

export function openingRoutes(
  router: Router,
  services: {
    readonly intake: IntakeService;
    readonly answers: AnswersService;
    readonly handover: HandoverService;
    readonly seal: SealService;
    readonly report: ReportService;
  },
): void {
  const { intake, answers, handover, seal, report } = services;

  router.staff(openingEndpoints.check, ({ actor, body }) => intake.check(actor, body));
  router.staff(openingEndpoints.request, ({ author, body }) => intake.request(author, body));
  router.staff(openingEndpoints.addDocument, ({ author, body }) => intake.addDocument(author, body));
  router.staff(openingEndpoints.list, async ({ actor }) => ({ items: [...(await intake.list(actor))] }));
  router.staff(openingEndpoints.get, ({ actor, params }) => intake.read(actor, params.id));
  router.staff(openingEndpoints.handOver, ({ author, params }) => handover.handOver(author, params.id));
  router.staff(openingEndpoints.supplement, ({ author, params }) => intake.supplement(author, params.id));
  router.staff(openingEndpoints.extendSeal, ({ author, params, body }) =>
    seal.extend(author, params.id, body),
  );
  router.staff(openingEndpoints.review, ({ author, params, body }) => seal.review(author, params.id, body));
  router.staff(openingEndpoints.settings, ({ actor }) => seal.settings(actor));
  router.staff(openingEndpoints.changeSettings, ({ author, body }) => seal.changeSettings(author, body));

  router.open(openingEndpoints.keys, () => handover.keys());
  router.open(openingEndpoints.report, ({ params }) => report.report(Number(params.year)));

  router.custodian(custodianOpeningEndpoints.list, async ({ custodian }) => ({
    items: await answers.list(custodian),
  }));
  router.custodian(custodianOpeningEndpoints.get, ({ custodian, params }) =>
    answers.read(custodian, params.id),
  );
  router.custodian(custodianOpeningEndpoints.answer, ({ custodian, params, body }) =>
    answers.answer(custodian, params.id, body),
  );
  router.custodian(custodianOpeningEndpoints.refuse, async ({ custodian, params, body }) => {
    await answers.refuse(custodian, params.id, body.reason);
    return null;
  });
}
