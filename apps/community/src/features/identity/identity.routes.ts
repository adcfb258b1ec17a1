import { passkeyEndpoints, sessionEndpoints, staffEndpoints } from "@menshen/wire";
import { refusal } from "../../errors.ts";
import type { Router } from "../../http/router.ts";
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from "./cookie.ts";
import type { SessionsService, SignedIn } from "./sessions.service.ts";
import type { StaffService } from "./staff.service.ts";

export function identityRoutes(
  router: Router,
  services: { readonly sessions: SessionsService; readonly staff: StaffService },
  options: { readonly secureCookie: boolean },
): void {
  const { sessions, staff } = services;

  async function answer(
    signedIn: SignedIn,
    reply: Parameters<typeof writeSessionCookie>[0],
  ): ReturnType<SessionsService["describe"]> {
    writeSessionCookie(reply, signedIn.token, signedIn.expiresAt, options.secureCookie);
    return sessions.describe(signedIn.session);
  }

  router.open(sessionEndpoints.get, async ({ request }) => {
    const token = readSessionCookie(request);
    return sessions.describe(token === undefined ? undefined : await sessions.find(token));
  });
  router.open(sessionEndpoints.signOut, async ({ request, reply }) => {
    const token = readSessionCookie(request);
    if (token !== undefined) await sessions.signOut(token);
    clearSessionCookie(reply, options.secureCookie);
    return null;
  });
  router.staff(sessionEndpoints.changeDuty, async ({ request, body }) => {
    const token = readSessionCookie(request);
    if (token === undefined) throw refusal("not-signed-in", "sign in first");
    return sessions.describe(await sessions.changeDuty(token, body.duty));
  });
  router.open(sessionEndpoints.signInWithCode, async ({ body, request, reply }) =>
    answer(await sessions.signInWithCode(body.code, request.ip), reply),
  );
  router.open(sessionEndpoints.passkeyOptions, ({ request }) => sessions.passkeyOptions(request.ip));
  router.open(sessionEndpoints.signInWithPasskey, async ({ body, request, reply }) =>
    answer(await sessions.signInWithPasskey(body.challengeId, body.response, request.ip), reply),
  );

  router.staff(passkeyEndpoints.list, async ({ actor }) => ({
    items: [...(await sessions.listPasskeys(actor))],
  }));
  router.staff(passkeyEndpoints.options, ({ actor }) => sessions.registrationOptions(actor));
  router.staff(passkeyEndpoints.register, ({ actor, body }) => sessions.registerPasskey(actor, body));
  router.staff(passkeyEndpoints.remove, async ({ actor, params }) => {
    await sessions.removePasskey(actor, params.id);
    return null;
  });

  router.staff(staffEndpoints.list, async ({ actor, query }) => ({
    items: [...(await staff.list(actor, query.removed ?? false))],
  }));
  router.staff(staffEndpoints.create, ({ author, body }) => staff.create(author, body));
  router.staff(staffEndpoints.update, ({ author, params, body }) => staff.update(author, params.id, body));
  router.staff(staffEndpoints.invite, ({ author, params }) => staff.invite(author, params.id));
  router.staff(staffEndpoints.remove, ({ author, params }) => staff.remove(author, params.id));
  router.staff(staffEndpoints.restore, ({ author, params }) => staff.restore(author, params.id));
}
