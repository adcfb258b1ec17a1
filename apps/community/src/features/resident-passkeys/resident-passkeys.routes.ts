import { residentPasskeyEndpoints } from "@menshen/wire";
import type { Router } from "../../http/router.ts";
import { type ResidentSessionsService, writeResidentCookie } from "../resident/index.ts";
import type { ResidentPasskeysService } from "./resident-passkeys.service.ts";

export function residentPasskeysRoutes(
  router: Router,
  service: ResidentPasskeysService,
  options: { readonly secureCookie: boolean; readonly me: ResidentSessionsService["me"] },
): void {
  router.resident(residentPasskeyEndpoints.list, async ({ resident }) => ({
    items: [...(await service.list(resident))],
  }));
  router.resident(residentPasskeyEndpoints.options, ({ resident }) => service.options(resident));
  router.resident(residentPasskeyEndpoints.register, ({ resident, body }) =>
    service.register(resident, body),
  );
  router.resident(residentPasskeyEndpoints.remove, async ({ resident, params }) => {
    await service.remove(resident, params.id);
    return null;
  });
  router.open(residentPasskeyEndpoints.signInOptions, ({ request }) => service.signInOptions(request.ip));
  router.open(residentPasskeyEndpoints.signIn, async ({ body, request, reply }) => {
    const { sealedSeed, ...opened } = await service.signIn(body, request.ip);
    writeResidentCookie(reply, opened, options.secureCookie);
    return { me: await options.me(opened), sealedSeed };
  });
}
