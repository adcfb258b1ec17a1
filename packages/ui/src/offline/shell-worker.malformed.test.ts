import fc from "fast-check";
import { expect, test } from "vitest";
import { filesIn } from "./shell-worker.ts";

test("takes the files of a build once each, and leaves the worker's own to the browser", () => {
  const list = {
    "index.html": { file: "assets/index-a1.js", css: ["assets/index-b2.css"], dynamicImports: ["src/x.tsx"] },
    "src/x.tsx": { file: "assets/x-c3.js", css: ["assets/index-b2.css"], assets: ["assets/seal-d4.svg"] },
    "src/worker.ts": { file: "worker.js", isEntry: true },
  };
  expect(filesIn(JSON.stringify(list))).toEqual([
    "assets/index-a1.js",
    "assets/index-b2.css",
    "assets/x-c3.js",
    "assets/seal-d4.svg",
  ]);
});

test.each([
  "",
  "null",
  "7",
  '"x"',
  "[]",
  "[null]",
  '{"a":null}',
  '{"a":{"file":7}}',
  '{"a":{"file":"../../api/v1"}}',
])("takes nothing of `%s`", (text) => expect(filesIn(text)).toEqual([]));

test("never throws, and never names a file outside", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
      filesIn(text).every((file) => file.startsWith("assets/") && !file.includes("/", 7)),
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
  );
});
