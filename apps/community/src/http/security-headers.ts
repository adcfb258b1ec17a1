import type { FastifyInstance } from "fastify";
import { refusal } from "../errors.ts";

/**
 * Nothing is loaded from or sent to anywhere else. Styles may stand inline because the component library writes them at
 * run time; scripts may not.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const OTHER_PERMISSIONS = "microphone=(), geolocation=(), usb=(), publickey-credentials-get=(self)";
/** Of pages that read codes with the camera. */
export const PERMISSIONS_WITH_CAMERA = `camera=(self), ${OTHER_PERMISSIONS}`;

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": `camera=(), ${OTHER_PERMISSIONS}`,
};

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
    reply.headers(HEADERS);
    if (options.https) reply.header("strict-transport-security", "max-age=31536000; includeSubDomains");
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");

    const host = request.headers.host ?? "";
    if (!hostNames.has(hostNameOf(host))) {
      throw refusal("forbidden", "this server is not known under the name in `Host`");
    }
    if (request.method === "GET" || request.method === "HEAD") return;
    const { origin } = request.headers;
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw refusal("forbidden", "changes are taken from this server's own pages only");
    }
    const site = request.headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none") {
      throw refusal("forbidden", "changes are taken from this server's own pages only");
    }
  });
}

/** `[::1]:8080` → `[::1]`, `localhost:8080` → `localhost`. */
function hostNameOf(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
