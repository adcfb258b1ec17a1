/**
 * Nothing is loaded from or sent to anywhere else. Styles may stand inline because component libraries write them at run
 * time; scripts may not.
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

/** What of a request is looked at. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Headers of every answer. */
export function safetyHeaders(url: string, https: boolean): Readonly<Record<string, string>> {
  return {
    ...HEADERS,
    ...(https ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
    ...(url.startsWith("/api/") ? { "cache-control": "no-store" } : {}),
  };
}

/**
 * Two checks of every request: its `Host` is one of ours (a page of another name that resolves to this machine gets
 * nothing), and a change comes from our own pages or from no page at all.
 *
 * @param hostNames names under which this server is reached, without port, in lower case
 * @returns why it is forbidden; `undefined` if it is not
 */
export function forbiddenBecause(
  { method, headers }: RequestHead,
  hostNames: ReadonlySet<string>,
): string | undefined {
  const host = String(headers.host ?? "");
  if (!hostNames.has(hostNameOf(host))) return "this server is not known under the name in `Host`";
  if (method === "GET" || method === "HEAD") return undefined;
  const origin = headers.origin;
  const site = headers["sec-fetch-site"];
  const isOwn =
    (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) &&
    (site === undefined || site === "same-origin" || site === "none");
  return isOwn ? undefined : "changes are taken from this server's own pages only";
}

/** `[::1]:8080` → `[::1]`, `localhost:8080` → `localhost`. */
function hostNameOf(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
