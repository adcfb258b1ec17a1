import cookie from "@fastify/cookie";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Logger } from "../logger.ts";
import { lateSerializers } from "./late-serializers.ts";
import { problemOf, type Refused } from "./problems.ts";
import { forbiddenBecause, safetyHeaders } from "./request-safety.ts";

export interface HttpServerOptions {
  readonly logger: Logger;
  /** Names under which this server is reached, without port. */
  readonly hostNames: readonly string[];
  /** Reached over HTTPS (through a proxy that ends TLS). */
  readonly https: boolean;
  /** Told of every route as it is added. */
  readonly onRoute?: (route: AddedRoute) => void;
}

/** A route of the running server. */
export interface AddedRoute {
  readonly method: string;
  /** With `:name` for path parameters and `*` for the rest. */
  readonly path: string;
}

/** How the errors of an app become answers. */
export interface AppErrors {
  /** What an error of the app refuses; `undefined` for everything else. */
  readonly refusedBy: (error: unknown) => Refused | undefined;
  /** The app's own error for a request that is `forbidden`. */
  readonly forbidden: (why: string) => Error;
}

const HANG_UP_EVERY_MS = 50;
const bodies = new WeakMap<FastifyRequest, string>();

/** The body as it was sent, for what signs it; empty if there was none. */
export function sentBodyOf(request: FastifyRequest): string {
  return bodies.get(request) ?? "";
}

/**
 * Fastify with our errors, headers and checks; routes are added by whoever builds the app, and parse their requests with
 * `makeRequestParser`.
 *
 * @param bodyLimitBytes of a JSON body; `too-large` beyond
 */
export async function makeServiceHttp(
  { logger, hostNames, https, onRoute }: HttpServerOptions,
  { refusedBy, forbidden }: AppErrors,
  bodyLimitBytes: number,
): Promise<FastifyInstance> {
  const app = Fastify({
    // Addresses carry search texts and ids, and who sends when is nobody's business: failures are logged, by route.
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    trustProxy: "loopback",
    routerOptions: { maxParamLength: 100 },
    schemaController: { compilersFactory: { buildSerializer: lateSerializers } },
  });
  if (onRoute !== undefined) {
    app.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) onRoute({ method: one, path: url });
    });
  }
  const ownNames = new Set(hostNames.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(safetyHeaders(request.url, https));
    const why = forbiddenBecause(request, ownNames);
    if (why !== undefined) throw forbidden(why);
  });
  // Routes refuse unknown fields by themselves instead of dropping them.
  app.setValidatorCompiler(() => () => true);
  app.setErrorHandler(async (error, request, reply) => {
    const problem = problemOf(error, refusedBy);
    if (problem.code === "internal") {
      logger.error(
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
    // A command without fields may come with the content type and nothing behind it.
    if (text.length === 0) done(null, undefined);
    else void parseJson(request, text, done);
  });
  await app.register(cookie);
  return app;
}

/** Ends all connections once what is on its way is answered. */
export async function closeServiceHttp(app: FastifyInstance): Promise<void> {
  // A connection that was busy when the server began to close would be kept alive for its whole idle time.
  const hangingUp = setInterval(() => app.server.closeIdleConnections(), HANG_UP_EVERY_MS);
  await app.close().finally(() => clearInterval(hangingUp));
}
