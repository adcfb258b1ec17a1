import { residentEndpoints, residentInvitationEndpoints } from "@menshen/wire";
import type { FastifyReply } from "fastify";
import type { Router } from "../../http/router.ts";
import type { AccountsService } from "./accounts.service.ts";
import { clearResidentCookie, readResidentCookie, writeResidentCookie } from "./cookie.ts";
import type { LooksService } from "./looks.service.ts";
import type { ReceiptsService } from "./receipts.service.ts";
import type { OpenedSession, ResidentSessionsService } from "./resident-sessions.service.ts";

export function residentRoutes(
  router: Router,
  services: {
    readonly accounts: AccountsService;
    readonly sessions: ResidentSessionsService;
    readonly looks: LooksService;
    readonly receipts: ReceiptsService;
  },
  options: {
    readonly secureCookie: boolean;
    readonly community: () => Promise<{
      readonly id: string;
      readonly name: string;
      readonly timeZone: string;
    }>;
  },
): void {
  const { accounts, sessions, looks, receipts } = services;

  function answer(opened: OpenedSession & { readonly personId: string }, reply: FastifyReply) {
    writeResidentCookie(reply, opened, options.secureCookie);
    return sessions.me(opened);
  }

  router.staff(residentInvitationEndpoints.state, ({ actor, params }) => accounts.state(actor, params.id));
  router.staff(residentInvitationEndpoints.create, ({ author, params }) =>
    accounts.invite(author, params.id),
  );

  router.open(residentEndpoints.session, async ({ request }) => {
    const token = readResidentCookie(request);
    const resident = token === undefined ? undefined : await sessions.find(token);
    return { community: await options.community(), signedIn: resident !== undefined };
  });
  router.open(residentEndpoints.join, async ({ body, request, reply }) => {
    sessions.limit(request.ip);
    return answer(await accounts.join(body), reply);
  });
  router.open(residentEndpoints.challenge, async ({ body, request }) => {
    sessions.limit(request.ip);
    return sessions.challenge(body.authKey);
  });
  router.open(residentEndpoints.signIn, async ({ body, request, reply }) => {
    sessions.limit(request.ip);
    return answer(await sessions.signIn(body), reply);
  });
  router.open(residentEndpoints.signOut, async ({ request, reply }) => {
    const token = readResidentCookie(request);
    if (token !== undefined) await sessions.signOut(token);
    clearResidentCookie(reply, options.secureCookie);
    return null;
  });

  router.resident(residentEndpoints.me, ({ resident }) => sessions.me(resident));
  router.resident(residentEndpoints.receiptsDue, async ({ resident }) => ({
    items: [...(await receipts.due(resident))],
  }));
  router.resident(residentEndpoints.signReceipt, async ({ resident, params, body }) => {
    await receipts.sign(resident, params.id, body.signature);
    return null;
  });
  router.resident(residentEndpoints.denyReceipt, async ({ resident, params, body }) => {
    await receipts.deny(resident, params.id, body.signature);
    return null;
  });
  router.resident(residentEndpoints.places, () => sessions.places());
  router.resident(residentEndpoints.looks, async ({ resident, params }) => ({
    items: [...(await looks.list(resident, params.id))],
  }));
  router.resident(residentEndpoints.replaceKey, async ({ resident, body, reply }) =>
    answer({ ...resident, ...(await accounts.replaceKey(resident, body)) }, reply),
  );
  router.resident(residentEndpoints.deleteKey, async ({ resident, body, reply }) => {
    await accounts.deleteKey(resident, body);
    clearResidentCookie(reply, options.secureCookie);
    return null;
  });
}
