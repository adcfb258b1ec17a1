import { caseEvidenceEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { CaseEvidenceService } from "./case-evidence.service.ts";

export function caseEvidenceRoutes(router: Router, service: CaseEvidenceService): void {
  router.staff(caseEvidenceEndpoints.list, ({ actor, params }) => service.list(actor, params.id));
  router.staff(caseEvidenceEndpoints.make, ({ author, params, body }) =>
    service.make(author, params.id, body.reason),
  );
  router.staff(caseEvidenceEndpoints.fetch, ({ author, params, body }) =>
    service.fetch(author, params.id, params.packageId, body),
  );
}
