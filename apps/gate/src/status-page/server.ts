import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { randomBytes } from "@menshen/crypto/node";
import type { GateView } from "../gate-view.ts";
import { renderStatusPage } from "./page.ts";
import type { Language } from "./texts.ts";

/** The gate's own page: what is wrong, in two languages, without scripts. It only tells; nothing can be done here. */
export interface StatusPage {
  /** `http://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects if the address cannot be listened on. */
export async function startStatusPage(options: {
  readonly host: string;
  readonly port: number;
  readonly view: () => GateView;
}): Promise<StatusPage> {
  const { host, port, view } = options;
  const server = createServer((request, response) => answer(request, response, view));
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, view: () => GateView): void {
  const path = request.url ?? "/";
  const url = new URL(URL.canParse(path, "http://gate") ? path : "/", "http://gate");
  const nonce = Buffer.from(randomBytes(16)).toString("base64");
  const headers = {
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...headers, allow: "GET, HEAD" }).end();
  } else if (url.pathname === "/status.json") {
    response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(view()));
  } else if (url.pathname === "/") {
    const language = languageOf(url, request.headers["accept-language"]);
    response
      .writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" })
      .end(renderStatusPage(view(), language, nonce));
  } else {
    response.writeHead(404, headers).end();
  }
}

function languageOf(url: URL, accepted: string | undefined): Language {
  const asked = url.searchParams.get("lang");
  if (asked === "zh" || asked === "en") return asked;
  return /^\s*en\b/i.test(accepted ?? "") ? "en" : "zh";
}
