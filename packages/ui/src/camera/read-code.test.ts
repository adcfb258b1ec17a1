import { encodeQR } from "qr";
import { expect, test } from "vitest";
import { type Picture, readCode } from "./read-code.ts";

const PHONE_PASS_CHARACTERS = 177;

/** A code on a grey wall, `modulePx` a module. */
function photograph(text: string, modulePx: number, sidePx: number): Picture {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const data = new Uint8ClampedArray(sidePx * sidePx * 4).fill(128);
  const begin = Math.floor((sidePx - rows.length * modulePx) / 2);
  for (let y = 0; y < rows.length * modulePx; y += 1) {
    for (let x = 0; x < rows.length * modulePx; x += 1) {
      const isDark = rows[Math.floor(y / modulePx)]?.[Math.floor(x / modulePx)] === true;
      data.fill(
        isDark ? 20 : 235,
        ((begin + y) * sidePx + begin + x) * 4,
        ((begin + y) * sidePx + begin + x + 1) * 4,
      );
    }
  }
  return { width: sidePx, height: sidePx, data };
}

test.each([3, 6, 10])("a phone's code is read at %s pixels a module", (modulePx) => {
  const text = "MP:".padEnd(PHONE_PASS_CHARACTERS, "A7 $%*+-./:");
  expect(readCode(photograph(text, modulePx, 640))).toBe(text);
});

test("a wall holds no code, and half a code is none", () => {
  expect(
    readCode({ width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4).fill(128) }),
  ).toBeUndefined();
  const { data } = photograph("MP:HALF", 10, 640);
  data.fill(128, data.length / 2);
  expect(readCode({ width: 640, height: 640, data })).toBeUndefined();
});

test("a picture without pixels holds no code", () => {
  expect(readCode({ width: 0, height: 0, data: new Uint8ClampedArray() })).toBeUndefined();
  expect(readCode({ width: 640, height: 640, data: new Uint8ClampedArray(3) })).toBeUndefined();
});
