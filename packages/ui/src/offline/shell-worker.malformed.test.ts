import fc from "fast-check";
import { expect, test } from "vitest";
import { filesIn } from "./shell-worker.ts";

test("takes the files of a build", () => {
  const list = ["assets/index-a1.js", "assets/index-b2.css"];
  expect(filesIn(JSON.stringify(list))).toEqual(list);
});

test.each([
  "",
  "null",
  "7",
  '"x"',
  "{}",
  "[null]",
  '["index.html"]',
  '["../assets/x.js"]',
  '["assets/../../api/v1"]',
])("takes nothing of `%s`", (text) => expect(filesIn(text)).toEqual([]));

test("never throws, and never names a file outside", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) =>
      filesIn(text).every((file) => file.startsWith("assets/") && !file.includes("/", 7)),
    ),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
  );
});
