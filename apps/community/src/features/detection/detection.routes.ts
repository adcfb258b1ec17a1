import { caseEndpoints, detectionEndpoints, residentCaseEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CasesService } from "./cases.service.ts";
import type { ResidentCasesService } from "./resident-cases.service.ts";
import type { TuningService } from "./tuning.service.ts";

export function detectionRoutes(
  router: Router,
  services: {
    readonly cases: CasesService;
    readonly residents: ResidentCasesService;
    readonly tuning: TuningService;
  },
): void {
  const { cases, residents, tuning } = services;
  router.staff(caseEndpoints.list, async ({ actor, query }) => ({
    items: await cases.list(actor, query.state ?? "open"),
  }));
  router.staff(caseEndpoints.get, ({ actor, params }) => cases.read(actor, params.id));
  router.staff(caseEndpoints.assign, ({ author, params, body }) =>
    cases.assign(author, params.id, body.take),
  );
  router.staff(caseEndpoints.merge, ({ author, params, body }) => cases.merge(author, params.id, body.into));
  router.staff(caseEndpoints.close, ({ author, params, body }) => cases.close(author, params.id, body));
  router.staff(caseEndpoints.reopen, ({ author, params, body }) =>
    cases.reopen(author, params.id, body.reason),
  );
  router.staff(caseEndpoints.decide, ({ author, params, body }) => cases.decide(author, params.id, body));
  router.staff(caseEndpoints.end, ({ author, params, body }) =>
    cases.end(author, params.id, params.measureId, body.reason),
  );
  router.staff(caseEndpoints.hold, ({ author, params, body }) =>
    cases.hold(author, params.id, body.openingId),
  );
  router.staff(caseEndpoints.enterAppeal, ({ author, params, body }) =>
    cases.enterAppeal(author, params.id, body.words),
  );
  router.staff(caseEndpoints.answerAppeal, ({ author, params, body }) =>
    cases.answerAppeal(author, params.id, params.appealId, body),
  );
  router.staff(caseEndpoints.counts, ({ actor }) => cases.counts(actor));

  router.staff(detectionEndpoints.settings, ({ actor }) => tuning.read(actor));
  router.staff(detectionEndpoints.change, ({ author, body }) => tuning.change(author, body));
  router.staff(detectionEndpoints.undo, ({ author, body }) => tuning.undo(author, body));
  router.staff(detectionEndpoints.attempt, async ({ actor, body }) => tuning.attempt(actor, body.tuned));
  router.staff(detectionEndpoints.trial, async ({ actor }) => tuning.trial(actor));
  router.staff(detectionEndpoints.stopTrial, async ({ actor }) => tuning.stopTrial(actor));
  router.staff(detectionEndpoints.state, async ({ actor }) => tuning.state(actor));

  router.resident(residentCaseEndpoints.list, () => residents.list());
  router.resident(residentCaseEndpoints.answer, async ({ resident, params, body }) => {
    await residents.answer(resident, params.id, body);
    return null;
  });
  router.resident(residentCaseEndpoints.lost, async ({ body }) => {
    await residents.reportLost(body.tap);
    return null;
  });
  router.resident(residentCaseEndpoints.appeal, async ({ params, body }) => {
    await residents.appeal(params.id, body);
    return null;
  });
}
