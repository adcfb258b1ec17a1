import swagger from "@fastify/swagger";
import { type HttpServerOptions, makeServiceHttp } from "@menshen/service-kit/http";
import type { FastifyInstance } from "fastify";
import { CommunityError, refusal } from "../errors.ts";

const BODY_LIMIT_BYTES = 1024 * 1024;

/** The server without a route, but for its OpenAPI document; routes are added by whoever builds the app. */
export async function makeHttpServer(
  options: HttpServerOptions & { readonly version: string },
): Promise<FastifyInstance> {
  const errors = {
    refusedBy: (error: unknown) => (error instanceof CommunityError ? error : undefined),
    forbidden: (why: string) => refusal("forbidden", why),
  };
  const app = await makeServiceHttp(options, errors, BODY_LIMIT_BYTES);
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
