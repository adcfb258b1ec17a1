import { holidayEndpoints, scheduleEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { SchedulesService } from "./schedules.service.ts";

export function schedulesRoutes(router: Router, service: SchedulesService): void {
  router.staff(scheduleEndpoints.list, ({ actor, query }) => service.list(actor, query));
  router.staff(scheduleEndpoints.get, ({ actor, params }) => service.read(actor, params.id));
  router.staff(scheduleEndpoints.days, async ({ actor, params, query }) => ({
    items: await service.days(actor, params.id, query),
  }));
  router.staff(scheduleEndpoints.create, ({ author, body }) => service.create(author, body));
  router.staff(scheduleEndpoints.update, ({ author, params, body }) =>
    service.update(author, params.id, body),
  );
  router.staff(scheduleEndpoints.remove, ({ author, params }) => service.remove(author, params.id));
  router.staff(scheduleEndpoints.restore, ({ author, params }) => service.restore(author, params.id));

  router.staff(holidayEndpoints.list, async ({ actor, query }) => ({
    items: await service.listHolidays(actor, query),
  }));
  router.staff(holidayEndpoints.set, ({ author, params, body }) =>
    service.setHoliday(author, params.date, body),
  );
  router.staff(holidayEndpoints.remove, async ({ author, params }) => {
    await service.removeHoliday(author, params.date);
    return null;
  });
  router.staff(holidayEndpoints.import, ({ author, body }) => service.importHolidays(author, body));
}
