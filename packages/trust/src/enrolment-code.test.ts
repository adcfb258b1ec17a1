import { describe, expect, it } from "vitest";
import { codeVouchesFor, formatEnrolmentCode, parseEnrolmentCode } from "./enrolment-code.ts";

// Computed with Python's base64.b32encode and hashlib over the bytes 0, 1, … 99.
const ca = Uint8Array.from({ length: 100 }, (_, i) => i);
const secret = Uint8Array.from([0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99]);
const CODE = "AAISEM2EKVTHPCEZ-XTQK74M46WVGU5DJ";

describe("enrolment code", () => {
  it("is written as two groups of base32", () => {
    expect(formatEnrolmentCode(secret, ca)).toBe(CODE);
  });

  it("is read as people type it", () => {
    for (const typed of [CODE, CODE.toLowerCase(), ` ${CODE.slice(0, 4)} ${CODE.slice(4)}\n`]) {
      expect(parseEnrolmentCode(typed).secret).toEqual(secret);
    }
  });

  it("vouches for its own authority only", () => {
    const code = parseEnrolmentCode(CODE);
    expect(codeVouchesFor(code, ca)).toBe(true);
    expect(codeVouchesFor(code, ca.slice(1))).toBe(false);
  });

  it.each([
    "",
    "-",
    CODE.slice(0, 16),
    CODE.slice(0, -1),
    `${CODE}A`,
    `${CODE}-${CODE}`,
    CODE.replace("-", "_"),
    CODE.replace("A", "1"),
    CODE.replace("A", "Ａ"),
  ])("refuses `%s`", (typed) => {
    expect(() => parseEnrolmentCode(typed)).toThrowError(expect.objectContaining({ code: "bad-code" }));
  });
});
