import { primitives, toHex } from "@menshen/crypto";
import { commitLeaf, encodeLeaf } from "@menshen/evidence";
import { expect, test } from "vitest";
import { proveStatement } from "./open-statement.ts";

const salt = new Uint8Array(32).fill(3);
const statement = '{"at":1,"topic":"settings-changed"}';
const entry = encodeLeaf(
  commitLeaf(primitives, salt, "settings-changed", new TextEncoder().encode(statement)),
);
const shown = {
  leafId: "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11",
  at: 1,
  topic: "settings-changed" as const,
  statement,
  salt: toHex(salt),
  index: 5,
};

test("a statement opens the leaf at its place", () => {
  expect(proveStatement(shown, entry)).toBe("opened");
});

test("a changed word, another salt, another topic or another leaf do not open it", () => {
  expect(proveStatement({ ...shown, statement: statement.replace("1", "2") }, entry)).toBe("does-not-open");
  expect(proveStatement({ ...shown, salt: "04".repeat(32) }, entry)).toBe("does-not-open");
  expect(proveStatement({ ...shown, topic: "hold-placed" }, entry)).toBe("does-not-open");
  expect(proveStatement(shown, entry.slice(1))).toBe("does-not-open");
  expect(proveStatement(shown, entry.with(40, 0))).toBe("does-not-open");
});

test("what the log has not taken yet waits", () => {
  const { index: _, ...pending } = shown;
  expect(proveStatement(pending, undefined)).toBe("waiting");
});
