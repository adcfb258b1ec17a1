import cookie from "@fastify/cookie";
import swagger from "@fastify/swagger";
import type { Logger } from "@menshen/service-kit";
import Fastify, { type FastifyInstance } from "fastify";
import { CommunityError } from "../errors.ts";
import { problemOf } from "./problems.ts";
import { addSecurity } from "./security-headers.ts";
import { keepSentBody } from "./sent-body.ts";

export interface HttpServerOptions {
  readonly logger: Logger;
  readonly hostNames: readonly string[];
  /** Reached over HTTPS (through a proxy that ends TLS). */
  readonly https: boolean;
  readonly version: string;
  /** Told of every route as it is added. */
  readonly onRoute?: (route: AddedRoute) => void;
}

/** A route of the running server. */
export interface AddedRoute {
  readonly method: string;
  /** With `:name` for path parameters and `*` for the rest. */
  readonly path: string;
}

/** Fastify with our errors, headers and OpenAPI document; routes are added by whoever builds the app. */
export async function makeHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    // Addresses carry search texts and ids: requests are not logged, failures are, by route.
    logger: false,
    bodyLimit: 1024 * 1024,
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
  // Requests are parsed by `parse-request.ts`, which refuses unknown fields instead of dropping them.
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
    keepSentBody(request, text);
    // A command without fields may come with the content type and nothing behind it.
    if (text.length === 0) done(null, undefined);
    else void parseJson(request, text, done);
  });

  addSecurity(app, options);
  await app.register(cookie);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Menshen community server",
        version: options.version,
        description:
          "Access control of one residential community. Sign in first (tag `session`); changes carry their reason in the header `menshen-reason`. Instants are Unix milliseconds. Refusals are problem details (RFC 9457) with a stable `code`.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "menshen_session" },
          custodianSignature: {
            type: "apiKey",
            in: "header",
            name: "authorization",
            description:
              "`Menshen-Custodian key=…, time=…, nonce=…, signature=…`, see docs/protocol/custody.md",
          },
          residentSession: { type: "apiKey", in: "cookie", name: "menshen_resident" },
        },
      },
    },
  });
  app.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  return app;
}

/** For routes that exist under `/api` and were not found: never the console's page. */
export function apiNotFound(): CommunityError {
  return new CommunityError("not-found", "no such route", { facts: { detail: "no such route" } });
}

const HANG_UP_EVERY_MS = 50;

/** Ends all connections once what is on its way is answered. */
export async function closeHttpServer(app: FastifyInstance): Promise<void> {
  // A connection that was busy when the server began to close would be kept alive for its whole idle time.
  const hangingUp = setInterval(() => app.server.closeIdleConnections(), HANG_UP_EVERY_MS);
  await app.close().finally(() => clearInterval(hangingUp));
}
