import { passSettingsEndpoints, residentPassEndpoints, visitorPassEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import type { PassServices } from "./make-passes.ts";

const residents = ({ residentIds }: { readonly residentIds: readonly string[] }) => residentIds;

export function passesRoutes(router: Router, services: PassServices): void {
  const { doors, phones, tokens, visitorPasses, settings } = services;

  router.resident(residentPassEndpoints.doors, ({ resident }) => doors.of(resident));
  router.resident(residentPassEndpoints.phonePasses, async ({ resident }) => ({
    items: [...(await phones.list(resident))],
  }));
  router.resident(residentPassEndpoints.enrolPhonePass, ({ resident, body }) => phones.enrol(resident, body));
  router.resident(residentPassEndpoints.removePhonePass, async ({ resident, params }) => {
    await phones.remove(resident, params.credentialKey);
    return null;
  });
  router.resident(residentPassEndpoints.revokeVisitorPass, async ({ resident, body }) => {
    await phones.revoke(resident, body);
    return null;
  });
  router.resident(residentPassEndpoints.tokenKeys, ({ resident }) => tokens.keys(resident));
  router.resident(residentPassEndpoints.signToken, ({ resident, body }) => tokens.sign(resident, body));

  router.personal(
    visitorPassEndpoints.list,
    ({ actor, params }) => visitorPasses.list(actor, params.id),
    residents,
  );
  router.personal(
    visitorPassEndpoints.create,
    ({ author, params, body }) => visitorPasses.issue(author, params.id, body),
    residents,
  );
  router.staff(visitorPassEndpoints.revoke, async ({ author, params }) => {
    await visitorPasses.revoke(author, params.passId);
    return null;
  });

  router.staff(passSettingsEndpoints.get, ({ actor }) => settings.read(actor));
  router.staff(passSettingsEndpoints.change, ({ author, body }) => settings.change(author, body));
}
