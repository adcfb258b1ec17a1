import { existsSync } from "node:fs";
import { join } from "node:path";
import cookie from "@fastify/cookie";
import fastifyStatic from "@fastify/static";
import { forbiddenBecause, type Logger, safetyHeaders } from "@menshen/service-kit";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { refusal } from "../errors.ts";
import { problemOf } from "./problems.ts";

export interface HttpServerOptions {
  readonly logger: Logger;
  readonly hostNames: readonly string[];
  /** Reached over HTTPS (through a proxy that ends TLS). */
  readonly https: boolean;
  /** Told of every route as it is added. */
  readonly onRoute?: (route: { readonly method: string; readonly path: string }) => void;
}

const BODY_LIMIT_BYTES = 256 * 1024;
const HANG_UP_EVERY_MS = 50;
const bodies = new WeakMap<FastifyRequest, string>();

/** The body as it was sent, for what signs it; empty if there was none. */
export function sentBodyOf(request: FastifyRequest): string {
  return bodies.get(request) ?? "";
}

/** Fastify with our errors and headers; routes are added by whoever builds the app. */
export async function makeHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    // Who sends when is nobody's business here: requests are not logged, failures are, by route.
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 30_000,
    trustProxy: "loopback",
    routerOptions: { maxParamLength: 100 },
  });
  const { onRoute } = options;
  if (onRoute !== undefined) {
    app.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) onRoute({ method: one, path: url });
    });
  }
  const hostNames = new Set(options.hostNames.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(safetyHeaders(request.url, options.https));
    const why = forbiddenBecause(request, hostNames);
    if (why !== undefined) throw refusal("forbidden", why);
  });
  // Requests are parsed by the router, which refuses unknown fields instead of dropping them.
  app.setValidatorCompiler(() => () => true);
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === "internal") {
      options.logger.error(
        { error, route: request.routeOptions.url ?? "none", method: request.method },
        "request failed",
      );
    }
    if (problem.retryAfterSeconds !== undefined) reply.header("retry-after", problem.retryAfterSeconds);
    return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
  });
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = typeof body === "string" ? body : body.toString("utf8");
    bodies.set(request, text);
    if (text.length === 0) done(null, undefined);
    else void parseJson(request, text, done);
  });
  await app.register(cookie);
  return app;
}

/** Serves the built pages of officers; without them says so. */
export async function addPages(app: FastifyInstance, folder: string): Promise<void> {
  const isBuilt = existsSync(join(folder, "index.html"));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: folder,
      prefix: "/",
      index: false,
      wildcard: false,
      dotfiles: "deny",
      cacheControl: false,
      setHeaders: (reply, path) => {
        const hashed = path.includes("/assets/");
        reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.get("/", async (_request, reply) =>
    isBuilt
      ? reply.sendFile("index.html", folder)
      : reply
          .code(503)
          .type("text/plain; charset=utf-8")
          .send("these pages are not built: run `node tools/prepare.mjs start`\n"),
  );
  app.setNotFoundHandler(async () => {
    throw refusal("not-found", "no such page or route");
  });
}

/** Ends all connections once what is on its way is answered. */
export async function closeHttpServer(app: FastifyInstance): Promise<void> {
  const hangingUp = setInterval(() => app.server.closeIdleConnections(), HANG_UP_EVERY_MS);
  await app.close().finally(() => clearInterval(hangingUp));
}
