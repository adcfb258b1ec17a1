import { receptionEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { ReceptionService } from "./reception.service.ts";

export function receptionRoutes(router: Router, reception: ReceptionService): void {
  router.staff(receptionEndpoints.today, ({ actor }) => reception.today(actor));
  router.staff(receptionEndpoints.dwellings, ({ actor, query }) => reception.dwellings(actor, query));
  router.staff(receptionEndpoints.checkIn, ({ author, body }) => reception.checkIn(author, body));
  router.staff(receptionEndpoints.checkOut, ({ author, params, body }) =>
    reception.checkOut(author, params.id, body),
  );
  router.staff(receptionEndpoints.undoCheckOut, ({ author, params, body }) =>
    reception.undoCheckOut(author, params.id, body),
  );
  router.staff(receptionEndpoints.settings, ({ actor }) => reception.settings(actor));
  router.staff(receptionEndpoints.changeSettings, ({ author, body }) =>
    reception.changeSettings(author, body),
  );
}
