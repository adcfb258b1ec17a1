import {
  addBuiltPages,
  compressFiles,
  type HttpServerOptions,
  makeServiceHttp,
} from "@menshen/service-kit/http";
import type { FastifyInstance } from "fastify";
import { CityError, refusal } from "../errors.ts";

const BODY_LIMIT_BYTES = 256 * 1024;

/** The server without a route; they are added by whoever builds the app. */
export async function makeHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const errors = {
    refusedBy: (error: unknown) => (error instanceof CityError ? error : undefined),
    forbidden: (why: string) => refusal("forbidden", why),
  };
  return makeServiceHttp(options, errors, BODY_LIMIT_BYTES);
}

/** Serves the built pages of officers; without them says so. */
export async function addPages(app: FastifyInstance, folder: string): Promise<void> {
  compressFiles(app);
  const { sendPage } = await addBuiltPages(app, folder, "/");
  app.get("/", async (_request, reply) => sendPage(reply));
  app.setNotFoundHandler(async () => {
    throw refusal("not-found", "no such page or route");
  });
}
