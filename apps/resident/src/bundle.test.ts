import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test, vi } from "vitest";

/** What a telephone fetches before the first page stands: the page, its program and styles. */
const FIRST_MOST_BYTES = 50_000;
/** All of it, which the service worker fetches afterwards, so that every page opens without a network. */
const ALL_MOST_BYTES = 400_000;

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
  const sized = files.map((file) => {
    const text = file.type === "chunk" ? file.code : file.source;
    return { file, text: Buffer.from(text), sizeBytes: gzipSync(text).length };
  });
  const sizeBytes = (of: typeof sized) => of.reduce((sum, one) => sum + one.sizeBytes, 0);
  const program = files.find((file) => file.type === "chunk" && file.isEntry && file.name === "index");
  const needed = new Set(program?.type === "chunk" ? [program.fileName, ...program.imports] : []);
  // One file beside the page: on a slow network each request is a wait of its own, and the styles stand in the page.
  expect(needed.size).toBe(1);
  const page = sized.find(({ file }) => file.fileName === "index.html")?.text.toString() ?? "";
  expect(page.match(/(?:src|href)="[^"#]*"/g)).toEqual([
    'href="/resident/seal.svg"',
    // What a telephone reads when it puts the app on its first screen, after the page.
    'href="/resident/icon-180.png"',
    'href="/resident/app.webmanifest"',
    `src="/resident/${program?.fileName}"`,
  ]);
  expect(page).toMatch(/<style>[^<]{5000,}<\/style>/);
  const first = sized.filter(({ file }) => needed.has(file.fileName) || file.fileName === "index.html");
  expect(sizeBytes(first)).toBeGreaterThan(20_000);
  expect(sizeBytes(first)).toBeLessThan(FIRST_MOST_BYTES);
  expect(sizeBytes(sized)).toBeLessThan(ALL_MOST_BYTES);
  // What checks requests is the server's; the curves are fetched when something is signed.
  const libraries = files.flatMap((file) =>
    file.type === "chunk" && needed.has(file.fileName)
      ? Object.entries(file.modules)
          .filter(([id]) => /\/@noble\/|\/typebox\//.test(id))
          .map(([, { renderedLength }]) => renderedLength)
      : [],
  );
  expect(libraries.reduce((sum, length) => sum + length, 0)).toBeLessThan(10_000);
  // A worker starts where nothing else is loaded.
  const worker = sized.find(({ file }) => file.fileName === "service-worker.js");
  expect(worker?.text.toString()).not.toMatch(/^import|\bimport\(/m);
  const list: unknown = JSON.parse(
    sized.find(({ file }) => file.fileName === "files.json")?.text.toString() ?? "",
  );
  expect(list).toEqual(
    files
      .map(({ fileName }) => fileName)
      .filter((name) => name.startsWith("assets/"))
      .sort(),
  );
  const named = sized.flatMap(({ text }) => text.toString("utf8").match(/https?:\/\/[a-z0-9.-]+/gi) ?? []);
  // Names of XML and of error pages stand in React's own text; nothing is fetched from them.
  const known = new Set([
    "http://www.w3.org",
    "https://react.dev",
    "https://json-schema.org",
    "http://json-schema.org",
    // The licence of `qr`.
    "http://www.apache.org",
  ]);
  expect([...new Set(named)].filter((name) => !known.has(name))).toEqual([]);
});
