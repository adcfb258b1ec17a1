import { describe, expect, it } from "vitest";
import { parseCheckpoint } from "./checkpoint.ts";

const root = "Gkzfy2Y3SgwNy+9JrL1JdtE+6GT7PLJB/JQ8rQTwL34=";

describe("a checkpoint's text is refused:", () => {
  it.each([
    ["empty", ""],
    ["only a newline", "\n"],
    ["no root", "log\n1\n"],
    ["no newline at the end", `log\n1\n${root}`],
    ["an empty line at the end", `log\n1\n${root}\n\n`],
    ["an empty line before", `\nlog\n1\n${root}\n`],
    ["an empty origin", `\n1\n${root}\n`],
    ["an empty extension line", `log\n1\n${root}\n\nmore\n`],
    ["size missing", `log\n\n${root}\n`],
    ["size with a leading zero", `log\n01\n${root}\n`],
    ["size with a sign", `log\n+1\n${root}\n`],
    ["a negative size", `log\n-1\n${root}\n`],
    ["size in hexadecimal", `log\n0x10\n${root}\n`],
    ["size with an exponent", `log\n1e3\n${root}\n`],
    ["size with a space", `log\n1 \n${root}\n`],
    ["size in another script's digits", `log\n١\n${root}\n`],
    ["size of 2^53", `log\n9007199254740992\n${root}\n`],
    ["size of 2^64", `log\n18446744073709551616\n${root}\n`],
    ["root of 31 bytes", `log\n1\n${Buffer.alloc(31).toString("base64")}\n`],
    ["root of 33 bytes", `log\n1\n${Buffer.alloc(33).toString("base64")}\n`],
    ["root without padding", `log\n1\n${root.slice(0, -1)}\n`],
    ["root with unused bits set", `log\n1\n${root.replace("L34=", "L35=")}\n`],
    ["root in hexadecimal", `log\n1\n${"00".repeat(32)}\n`],
    ["carriage returns", `log\r\n1\r\n${root}\r\n`],
    ["a control character in the origin", `l\x07og\n1\n${root}\n`],
    ["half a character", `\ud800\n1\n${root}\n`],
  ])("%s", (_why, text) => {
    expect(parseCheckpoint(text)).toBeUndefined();
  });

  it("the same with nothing wrong is read, up to the largest size", () => {
    expect(parseCheckpoint(`log\n9007199254740991\n${root}\n`)?.size).toBe(2 ** 53 - 1);
  });
});
