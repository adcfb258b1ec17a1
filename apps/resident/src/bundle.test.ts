import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test, vi } from "vitest";

/** What a telephone fetches at the first visit: page, styles and worker. */
const MOST_BYTES = 250_000;

test("the app stays small enough for an old telephone, and names no other server", async () => {
  // As it is built to be served: the test's own setting would pack React's development version.
  vi.stubEnv("NODE_ENV", "production");
  const result = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    logLevel: "silent",
    build: { write: false },
  });
  vi.unstubAllEnvs();
  const files = (Array.isArray(result) ? result : [result]).flatMap((bundle) =>
    "output" in bundle ? bundle.output : [],
  );
  const texts = files.map((file) => Buffer.from(file.type === "chunk" ? file.code : file.source));
  const sizeBytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  expect(sizeBytes).toBeGreaterThan(50_000);
  expect(sizeBytes).toBeLessThan(MOST_BYTES);
  const named = texts.flatMap((text) => text.toString("utf8").match(/https?:\/\/[a-z0-9.-]+/gi) ?? []);
  // Names of XML and of error pages stand in React's own text; nothing is fetched from them.
  const known = new Set([
    "http://www.w3.org",
    "https://react.dev",
    "https://json-schema.org",
    "http://json-schema.org",
  ]);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
