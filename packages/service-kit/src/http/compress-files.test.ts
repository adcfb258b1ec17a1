import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import Fastify from "fastify";
import { afterAll, describe, expect, it } from "vitest";
import { addBuiltPages } from "./built-pages.ts";
import { compressFiles } from "./compress-files.ts";

describe("files of a built app", () => {
  const folder = mkdtempSync(join(tmpdir(), "menshen-pages-"));
  const app = Fastify();
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  it("are sent as they were compressed beside, and else compressed here", async () => {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "page");
    writeFileSync(join(folder, "assets/early-1a.js"), "early");
    const early = brotliCompressSync("early, beside");
    writeFileSync(join(folder, "assets/early-1a.js.br"), early);
    writeFileSync(join(folder, "assets/late-2b.js"), "late");
    compressFiles(app);
    await addBuiltPages(app, folder, "/");
    const get = (url: string, coding: string) => app.inject({ url, headers: { "accept-encoding": coding } });
    for (const _ of ["first", "again"]) {
      const beside = await get("/assets/early-1a.js", "br");
      expect(beside.headers).toMatchObject({ "content-encoding": "br", "content-length": `${early.length}` });
      expect(beside.rawPayload.equals(early)).toBe(true);
      const here = await get("/assets/late-2b.js", "br");
      expect(brotliDecompressSync(here.rawPayload).toString()).toBe("late");
    }
    expect((await get("/assets/early-1a.js", "identity")).body).toBe("early");
    expect((await get("/assets/early-1a.js.br", "identity")).statusCode).toBe(404);
  });
});
