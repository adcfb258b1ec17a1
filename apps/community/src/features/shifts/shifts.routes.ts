import { handOverNoteEndpoints, shiftEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ShiftsService } from "./shifts.service.ts";

export function shiftsRoutes(router: Router, shifts: ShiftsService): void {
  router.staff(shiftEndpoints.list, ({ actor, query }) => shifts.list(actor, query));
  router.staff(shiftEndpoints.current, ({ actor }) => shifts.current(actor));
  router.staff(shiftEndpoints.open, ({ author }) => shifts.open(author));
  router.staff(shiftEndpoints.close, ({ author, params, body }) => shifts.close(author, params.id, body));
  router.staff(handOverNoteEndpoints.list, ({ actor, query }) => shifts.notes(actor, query));
  router.staff(handOverNoteEndpoints.create, ({ author, body }) => shifts.write(author, body));
  router.staff(handOverNoteEndpoints.settle, ({ author, params, body }) =>
    shifts.settle(author, params.id, body),
  );
  router.staff(handOverNoteEndpoints.unsettle, ({ author, params, body }) =>
    shifts.unsettle(author, params.id, body),
  );
}
