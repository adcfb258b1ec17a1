import { deletionEndpoints, ownDeletionEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { DeletionService } from "./deletion.service.ts";

export function deletionRoutes(router: Router, deletions: DeletionService): void {
  router.staff(deletionEndpoints.list, async ({ actor }) => ({ items: [...(await deletions.list(actor))] }));
  router.staff(deletionEndpoints.get, ({ actor, params }) => deletions.read(actor, params.id));
  router.staff(deletionEndpoints.slip, ({ author, params }) => deletions.slip(author, params.id));
  router.open(deletionEndpoints.progress, ({ body }) => deletions.progress(body.code));
  router.resident(ownDeletionEndpoints.code, ({ resident }) => deletions.ownCode(resident));
}
