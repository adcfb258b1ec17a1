import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

/** The pages of an app, built into a folder or not yet. */
export interface BuiltPages {
  /** Answers with the one page that an app has; says that it is not built if it is not. */
  readonly sendPage: (reply: FastifyReply) => FastifyReply;
}

/**
 * Serves the files of a built app under their names.
 *
 * @param prefix path below which they stand, with a slash at both ends, e.g. `/resident/`
 */
export async function addBuiltPages(
  app: FastifyInstance,
  folder: string,
  prefix: string,
): Promise<BuiltPages> {
  if (!existsSync(join(folder, "index.html"))) return { sendPage: sayNotBuilt };
  await app.register(fastifyStatic, {
    root: folder,
    prefix,
    index: false,
    wildcard: false,
    dotfiles: "deny",
    // For `compressFiles`, not under names of their own.
    globIgnore: ["**/*.br"],
    cacheControl: false,
    // Only the first of several may add `sendFile`.
    decorateReply: !app.hasReplyDecorator("sendFile"),
    setHeaders: (reply, path) => {
      // Built files carry their hash in their name; the page itself must always be asked for.
      const hashed = path.includes("/assets/");
      reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  return { sendPage: (reply) => reply.sendFile("index.html", folder) };
}

function sayNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type("text/plain; charset=utf-8")
    .send("these pages are not built: run `node tools/prepare.mjs start`\n");
}
