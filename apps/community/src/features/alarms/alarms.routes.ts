import { alarmEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AlarmServices } from "./make-alarms.ts";

export function alarmsRoutes(router: Router, { alarms, instructions }: AlarmServices): void {
  router.staff(alarmEndpoints.list, ({ actor, query }) => alarms.list(actor, query));
  router.staff(alarmEndpoints.get, ({ actor, params }) => alarms.read(actor, params.id));
  router.staff(alarmEndpoints.acknowledge, ({ author, params, body }) =>
    alarms.acknowledge(author, params.id, body),
  );
  router.staff(alarmEndpoints.assign, ({ author, params, body }) => alarms.assign(author, params.id, body));
  router.staff(alarmEndpoints.close, ({ author, params, body }) => alarms.close(author, params.id, body));
  router.staff(alarmEndpoints.reopen, ({ author, params, body }) => alarms.reopen(author, params.id, body));
  router.staff(alarmEndpoints.assignees, ({ actor }) => alarms.assignees(actor));
  router.staff(alarmEndpoints.instructions, ({ actor }) => instructions.list(actor));
  router.staff(alarmEndpoints.setInstruction, ({ author, params, body }) =>
    instructions.set(author, params.kind, body),
  );
}
