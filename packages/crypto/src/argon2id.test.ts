import { describe, expect, it, test } from "vitest";
import * as browserModule from "./index.ts";
import * as nodeModule from "./node/index.ts";

const { toHex } = nodeModule;
const ascii = (text: string) => new TextEncoder().encode(text);

// From the tests of the reference implementation, P-H-C/phc-winner-argon2 `src/test.c`, version 0x13 (CC0 or Apache-2.0).
const VECTORS = [
  [
    ...["password", "somesalt"],
    { passes: 2, memoryKib: 256, lanes: 1 },
    "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe",
  ],
  [
    ...["password", "somesalt"],
    { passes: 2, memoryKib: 256, lanes: 2 },
    "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037",
  ],
] as const;

describe.each([
  ["browser", browserModule.argon2id],
  ["node", nodeModule.argon2id],
])("Argon2id of the %s module", (_name, argon2id) => {
  it.each(VECTORS)("of `%s` with salt `%s`", async (password, salt, cost, expected) => {
    expect(toHex(await argon2id(ascii(password), ascii(salt), cost, 32))).toBe(expected);
  });

  it.each([
    ["no memory", { memoryKib: 7, passes: 1, lanes: 1 }, 8, 32],
    ["memory for one lane of two", { memoryKib: 8, passes: 1, lanes: 2 }, 8, 32],
    ["more memory than a machine has", { memoryKib: 2 ** 31, passes: 1, lanes: 1 }, 8, 32],
    ["no pass", { memoryKib: 8, passes: 0, lanes: 1 }, 8, 32],
    ["no lane", { memoryKib: 8, passes: 1, lanes: 0 }, 8, 32],
    ["half a pass", { memoryKib: 8, passes: 1.5, lanes: 1 }, 8, 32],
    ["a short salt", { memoryKib: 8, passes: 1, lanes: 1 }, 7, 32],
    ["a short result", { memoryKib: 8, passes: 1, lanes: 1 }, 8, 3],
  ])("with %s is refused", async (_what, cost, saltBytes, lengthBytes) => {
    await expect(argon2id(ascii("p"), new Uint8Array(saltBytes), cost, lengthBytes)).rejects.toThrow(
      expect.objectContaining({ code: "bad-length" }),
    );
  });
});

test("both modules agree on what custodians' stores use, with less memory", async () => {
  const cost = { memoryKib: 1_024, passes: 3, lanes: 4 };
  const [one, other] = await Promise.all(
    [browserModule, nodeModule].map(({ argon2id }) => argon2id(ascii("口令"), ascii("saltsalt"), cost, 32)),
  );
  expect(one).toEqual(other);
});
