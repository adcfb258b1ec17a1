import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { compressFiles } from "./compress-files.ts";
import { PERMISSIONS_WITH_CAMERA } from "./security-headers.ts";
import { apiNotFound } from "./server.ts";

/** An app of pages below a path of its own, in a built folder. */
export interface PageApp {
  /** With a slash at both ends, e.g. `/resident/`. */
  readonly prefix: string;
  /** If it is not there, the app's page says so. */
  readonly folder: string;
  /** Names below the prefix under which its page stands too, e.g. `visit`. */
  readonly more?: readonly string[];
  /** Whether the page may ask for the camera: it reads codes. */
  readonly usesCamera?: boolean;
}

/**
 * Serves an app whose one page stands at its prefix, and at the few names that it has below: its other addresses are
 * behind `#`, so that no other path of it exists.
 */
export async function addPageApp(
  app: FastifyInstance,
  { prefix, folder, more = [], usesCamera = false }: PageApp,
): Promise<void> {
  const built = existsSync(join(folder, "index.html"));
  if (built) await addFiles(app, folder, prefix);
  for (const path of [prefix, ...more.map((name) => prefix + name)]) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) => {
      if (usesCamera) reply.header("permissions-policy", PERMISSIONS_WITH_CAMERA);
      return built ? reply.sendFile("index.html", folder) : sayNotBuilt(reply);
    });
  }
  app.get(prefix.slice(0, -1), { schema: { hide: true } }, async (_request, reply) => reply.redirect(prefix));
}

/**
 * Serves the built console: its files under their names, and its page for every other path that asks for a page, so
 * that addresses inside the console can be opened and reloaded. Nothing of it answers under `/api`, nor under the
 * prefixes of other apps.
 *
 * @param folder built console; if it is not there, pages say so
 */
export async function addConsole(
  app: FastifyInstance,
  folder: string,
  otherPrefixes: readonly string[] = [],
): Promise<void> {
  const built = existsSync(join(folder, "index.html"));
  if (built) await addFiles(app, folder, "/");
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      (request.method === "GET" || request.method === "HEAD") &&
      !["/api/", ...otherPrefixes].some((prefix) => request.url.startsWith(prefix)) &&
      (request.headers.accept ?? "").includes("text/html");
    if (!wantsPage) throw apiNotFound();
    return built ? reply.sendFile("index.html", folder) : sayNotBuilt(reply);
  });
}

async function addFiles(app: FastifyInstance, root: string, prefix: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    prefix,
    index: false,
    wildcard: false,
    dotfiles: "deny",
    cacheControl: false,

    // Only the first of several may add `sendFile`.
    decorateReply: !app.hasReplyDecorator("sendFile"),
    setHeaders: (reply, path) => {
      // Built files carry their hash in their name; the page itself must always be asked for.
      const hashed = path.includes("/assets/");
      reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

function sayNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type("text/plain; charset=utf-8")
    .send("these pages are not built: run `node tools/prepare.mjs start`\n");
}

/** The console, if there is one, and the apps beside it. */
export async function addPages(
  app: FastifyInstance,
  { consoleDir, pageApps = [] }: { readonly consoleDir?: string; readonly pageApps?: readonly PageApp[] },
): Promise<void> {
  compressFiles(app);
  if (consoleDir !== undefined) {
    const prefixes = pageApps.map(({ prefix }) => prefix);
    await addConsole(app, consoleDir, prefixes);
  }
  for (const pageApp of pageApps) await addPageApp(app, pageApp);
}
