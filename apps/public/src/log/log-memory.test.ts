import { expect, test } from "vitest";
import { addTopics } from "./add-topics.ts";
import { isOtherLog, keysOf } from "./log-memory.ts";

// Keys of C2SP's own example (signed-note) and of the vectors of packages/evidence.
const LOG = {
  origin: "log.menshen.local/7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11",
  logKey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  witnesses: [],
  quorum: 0,
  size: 3,
};

test("a description gives the keys to verify by, and an unusable key none", () => {
  expect(keysOf(LOG)?.identity).toMatchObject({ origin: LOG.origin, logKeys: [{ name: "PeterNeumann" }] });
  expect(keysOf({ ...LOG, logKey: "PeterNeumann+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq" })).toBeUndefined();
  const broken = { body: "city" as const, name: "w", key: "nothing" };
  expect(keysOf({ ...LOG, witnesses: [broken], quorum: 1 })?.policy).toEqual({ witnesses: [], quorum: 1 });
});

test("another name or another key is another log; more entries or witnesses are not", () => {
  expect(isOtherLog(LOG, { ...LOG, size: 9, quorum: 1 })).toBe(false);
  expect(isOtherLog(LOG, { ...LOG, origin: "log.menshen.local/other" })).toBe(true);
  expect(isOtherLog(LOG, { ...LOG, logKey: LOG.logKey.replace("Peter", "Otto") })).toBe(true);
});

test("counts add up by topic", () => {
  expect(addTopics({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: 1, b: 5, c: 4 });
});
