import { fromHex } from "@menshen/crypto/node";
import { custodianEndpoints, custodianMotionEndpoints, custodyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { AppointmentsService } from "./appointments.service.ts";
import type { CeremoniesService } from "./ceremonies.service.ts";
import type { PoliciesService } from "./policies.service.ts";
import type { ReceiptsService } from "./receipts.service.ts";
import type { CustodyStatusService } from "./status.service.ts";

export function custodyRoutes(
  router: Router,
  services: {
    readonly appointments: AppointmentsService;
    readonly ceremonies: CeremoniesService;
    readonly policies: PoliciesService;
    readonly receipts: ReceiptsService;
    readonly status: CustodyStatusService;
  },
): void {
  const { appointments, ceremonies, policies, receipts, status } = services;

  router.open(custodyEndpoints.status, () => status.status());
  router.staff(custodyEndpoints.appoint, ({ author, body }) => appointments.appoint(author, body));
  router.staff(custodyEndpoints.settings, ({ author, body }) => appointments.changeSettings(author, body));
  router.staff(custodyEndpoints.startCeremony, ({ author }) => ceremonies.start(author));
  router.staff(custodyEndpoints.stopCeremony, ({ author, params }) => ceremonies.stop(author, params.id));

  router.custodian(custodianEndpoints.standing, () => status.standing());
  router.custodian(custodianEndpoints.endorse, ({ custodian, body }) =>
    appointments.endorse(custodian, body),
  );
  router.custodian(custodianEndpoints.endorsePolicy, async ({ custodian, body }) => {
    await policies.endorse(custodian, body);
    return null;
  });
  router.custodian(custodianEndpoints.startCeremony, ({ custodian }) => ceremonies.call(custodian));
  router.custodian(custodianMotionEndpoints.startCeremony, ({ custodian, params }) =>
    ceremonies.callForMotion(custodian, params.id),
  );
  router.custodian(custodianEndpoints.table, ({ custodian, params, query }) =>
    ceremonies.table(custodian, params.id, query.after ?? 0),
  );
  router.custodian(custodianEndpoints.sit, ({ custodian, params, body }) =>
    ceremonies.sit(custodian, params.id, body),
  );
  router.custodian(custodianEndpoints.say, async ({ custodian, params, body }) => {
    await ceremonies.say(custodian, params.id, fromHex(body.message));
    return null;
  });
  router.custodian(custodianEndpoints.fail, ({ custodian, params, body }) =>
    ceremonies.report(custodian, params.id, body),
  );
  router.custodian(custodianEndpoints.finish, ({ custodian, params, body }) =>
    ceremonies.finish(custodian, params.id, {
      certificate: fromHex(body.certificate),
      vouch: fromHex(body.vouch),
    }),
  );
  router.custodian(custodianEndpoints.receipt, async ({ custodian, body }) => {
    await receipts.acknowledge(custodian, body);
    return null;
  });
}
