import { fromHex, toHex } from "@menshen/crypto/node";
import { expect, test } from "vitest";
import { assessChip } from "./chip-family.ts";
import { readManufacturerBlock } from "./read-manufacturer-block.ts";

/** A PC/SC reader with a MIFARE Classic on it; answers run out when it takes no more. */
function reader(...answers: readonly string[]) {
  const sent: string[] = [];
  const left = [...answers];
  return {
    sent,
    async transceive(command: Uint8Array) {
      sent.push(toHex(command));
      return fromHex(left.shift() ?? "6300");
    },
  };
}

test("is asked for with the factory's key, and tells a chip with a back door", async () => {
  const block = "5a7b12c4f70804006263646566676869";
  const pcsc = reader("9000", "9000", `${block}9000`);
  const read = await readManufacturerBlock(pcsc);
  expect(toHex(read ?? new Uint8Array())).toBe(block);
  expect(pcsc.sent).toEqual(["ff82000006ffffffffffff", "ff860000050100006000", "ffb0000010"]);
  expect(assessChip({ manufacturerBlock: read ?? new Uint8Array() })).toMatchObject({
    family: "crypto1-backdoored",
    enrolment: "refused",
  });
});

test.each([
  ["the reader loads no key", ["6300"]],
  ["the card has another key", ["9000", "6300"]],
  ["the card refuses the block", ["9000", "9000", "6982"]],
  ["the answer is short", ["9000", "9000", "01029000"]],
  ["the answer is empty", ["9000", "9000", ""]],
] as const)("is unknown where %s", async (_what, answers) => {
  expect(await readManufacturerBlock(reader(...answers))).toBeUndefined();
});
