import { forbiddenBecause, safetyHeaders } from "@menshen/service-kit";
import type { FastifyInstance } from "fastify";
import { refusal } from "../errors.ts";

export { PERMISSIONS_WITH_CAMERA } from "@menshen/service-kit";

/**
 * Headers of every answer, and two checks of every request: its `Host` is one of ours (a page of another name that
 * resolves to this machine gets nothing), and a change comes from our own pages or from no page at all.
 *
 * @param hostNames names under which this server is reached, without port
 */
export function addSecurity(
  app: FastifyInstance,
  options: { readonly hostNames: readonly string[]; readonly https: boolean },
): void {
  const hostNames = new Set(options.hostNames.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(safetyHeaders(request.url, options.https));
    const why = forbiddenBecause(request, hostNames);
    if (why !== undefined) throw refusal("forbidden", why);
  });
}
