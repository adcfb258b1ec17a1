import { expect, test } from "vitest";
import { addTopics } from "./add-topics.ts";
import { isOtherLog } from "./log-memory.ts";

// Keys of C2SP's own example (signed-note) and of the vectors of packages/evidence.
const LOG = {
  origin: "log.menshen.local/7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11",
  logKey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  witnesses: [],
  quorum: 0,
  size: 3,
};

test("another name or another key is another log; more entries or witnesses are not", () => {
  expect(isOtherLog(LOG, { ...LOG, size: 9, quorum: 1 })).toBe(false);
  expect(isOtherLog(LOG, { ...LOG, origin: "log.menshen.local/other" })).toBe(true);
  expect(isOtherLog(LOG, { ...LOG, logKey: LOG.logKey.replace("Peter", "Otto") })).toBe(true);
});

test("counts add up by topic", () => {
  expect(addTopics({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: 1, b: 5, c: 4 });
});
