import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { apiNotFound } from "./server.ts";

/**
 * Serves the built console: its files under their names, and its page for every other path that asks for a page, so
 * that addresses inside the console can be opened and reloaded. Nothing of it answers under `/api`.
 *
 * @param folder built console; if it is not there, pages say so
 */
export async function addConsole(app: FastifyInstance, folder: string): Promise<void> {
  const page = join(folder, "index.html");
  const built = existsSync(page);
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      index: false,
      wildcard: false,
      dotfiles: "deny",
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Built files carry their hash in their name; the page itself must always be asked for.
        const hashed = path.includes("/assets/");
        reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      (request.method === "GET" || request.method === "HEAD") &&
      !request.url.startsWith("/api/") &&
      (request.headers.accept ?? "").includes("text/html");
    if (!wantsPage) throw apiNotFound();
    if (built) return reply.sendFile("index.html");
    return reply
      .code(503)
      .type("text/plain; charset=utf-8")
      .send("the console is not built: run `node tools/prepare.mjs start`\n");
  });
}
