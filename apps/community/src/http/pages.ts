import { addBuiltPages, compressFiles, PERMISSIONS_WITH_CAMERA } from "@menshen/service-kit/http";
import type { FastifyInstance } from "fastify";
import { refusal } from "../errors.ts";

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
  const { sendPage } = await addBuiltPages(app, folder, prefix);
  for (const path of [prefix, ...more.map((name) => prefix + name)]) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) => {
      if (usesCamera) reply.header("permissions-policy", PERMISSIONS_WITH_CAMERA);
      return sendPage(reply);
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
  const { sendPage } = await addBuiltPages(app, folder, "/");
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      (request.method === "GET" || request.method === "HEAD") &&
      !["/api/", ...otherPrefixes].some((prefix) => request.url.startsWith(prefix)) &&
      (request.headers.accept ?? "").includes("text/html");
    if (!wantsPage) throw refusal("not-found", "no such route");
    return sendPage(reply);
  });
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
