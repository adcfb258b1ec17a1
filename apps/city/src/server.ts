import type { VoprfKeys } from "@menshen/crypto/node";
import type { HttpServerOptions } from "@menshen/service-kit/http";
import type { FastifyInstance } from "fastify";
import type { Clock } from "./clock.ts";
import type { Database } from "./database/database.ts";
import { communityRoutes } from "./features/communities/index.ts";
import { makeIncidents, type Thresholds } from "./features/incidents/index.ts";
import { linkRoutes, makeCommunityFinder } from "./features/link/index.ts";
import { makeOfficerPasskeys, makeSignIn, type SignIn } from "./features/sign-in/index.ts";
import { makeRouter } from "./http/router.ts";
import { addPages, makeHttpServer } from "./http/server.ts";

export interface CityServerOptions extends HttpServerOptions {
  /** Migrated. */
  readonly db: Database;
  readonly clock: Clock;
  /** Of the PRF. */
  readonly keys: VoprfKeys;
  /** The city's name. */
  readonly name: string;
  readonly thresholds: Thresholds;
  /** Address without a slash at its end; known once the server listens. */
  readonly publicUrl: () => string;
  /** Host name of that address, which passkeys are bound to. */
  readonly passkeyHost: string;
  /** Built pages of officers. */
  readonly pagesDir: string;
}

export interface CityServer {
  /** Ready to listen or to be injected. */
  readonly app: FastifyInstance;
  readonly firstLink: SignIn["firstLink"];
}

/** Puts the city server together: every slice with what it needs, and its routes. */
export async function makeCityServer(options: CityServerOptions): Promise<CityServer> {
  const { db, clock, keys, name, thresholds } = options;
  const webauthn = {
    rpId: options.passkeyHost,
    rpName: name,
    origins: () => [options.publicUrl()],
  };
  const signIn = makeSignIn({
    db,
    passkeys: makeOfficerPasskeys({ db, clock, webauthn }),
    clock,
    city: name,
    publicUrl: options.publicUrl,
    secureCookie: options.https,
  });
  const incidents = makeIncidents({ db, clock, thresholds });
  const app = await makeHttpServer(options);
  const router = makeRouter(app, signIn.find, makeCommunityFinder({ db, clock }));
  signIn.routes(router);
  communityRoutes(router, { db, clock });
  incidents.routes(router);
  linkRoutes(router, { db, clock, city: name, keys, thresholds, incidents });
  await addPages(app, options.pagesDir);
  return { app, firstLink: signIn.firstLink };
}
