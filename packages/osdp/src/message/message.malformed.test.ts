import { fromHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { decodeCommand } from "./command.ts";
import { decodeReply } from "./reply.ts";

function codeAndData(hex: string) {
  const [code = 0, ...data] = fromHex(hex);
  return { code, data: Uint8Array.from(data) };
}

function refusal(decode: () => unknown): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    return error instanceof OsdpError ? error.code : String(error);
  }
}

describe("commands whose data cannot be so", () => {
  test.each([
    ["POLL with data", "6000"],
    ["ID without its byte", "61"],
    ["CAP with two bytes", "620000"],
    ["OUT without record", "68"],
    ["OUT with half a record", "680005"],
    ["OUT with a record and a half", "680005320001"],
    ["LED of 13 bytes", "6900000205050200140000000000"],
    ["LED of 15 bytes", "69000002050502001400000000000000"],
    ["BUZ of 4 bytes", "6a00020101"],
    ["TEXT shorter than it says", "6b000100010108574b"],
    ["TEXT longer than it says", "6b00010001010157454c"],
    ["COMSET of 4 bytes", "6e05802500"],
    ["KEYSET shorter than it says", "7501100011"],
    ["KEYSET longer than it says", "750101aabb"],
    ["CHLNG of 7 bytes", "7620fd95f0343749"],
    ["CHLNG of 9 bytes", "7620fd95f0343749d2d2"],
    ["SCRYPT of 15 bytes", "77112295ed7a7ad0c10697f5e39718a0"],
    ["ACURXSIZE of 1 byte", "7b05"],
    ["MFG without vendor", "801234"],
    ["XWR without code", "a101"],
    ["XWR APDU without reader", "a10101"],
    ["XWR set mode without mode", "a10002"],
    ["KEEPACTIVE of 3 bytes", "a7f40100"],
    ["ABORT with data", "a200"],
  ])("%s", (_, hex) => {
    expect(refusal(() => decodeCommand(codeAndData(hex)))).toBe("malformed-message");
  });
});

describe("replies whose data cannot be so", () => {
  test.each([
    ["ACK with data", "4000"],
    ["NAK without reason", "41"],
    ["BUSY with data", "7900"],
    ["PDID of 11 bytes", "4512feca0201443322110102"],
    ["PDID of 13 bytes", "4512feca02014433221101020304"],
    ["PDCAP of 4 bytes", "4609010000"],
    ["LSTATR of 1 byte", "4800"],
    ["LSTATR of 3 bytes", "48000000"],
    ["RAW without bits", "5000011a00"],
    ["RAW with a byte too few", "5000011a00a1b2c3"],
    ["RAW with a byte too many", "5000011a00a1b2c3c000"],
    ["RAW that claims 65535 bits", "500001ffffa1"],
    ["FMT shorter than it says", "5100010441"],
    ["KEYPAD shorter than it says", "53000431"],
    ["KEYPAD longer than it says", "5300013132"],
    ["COM of 4 bytes", "5405802500"],
    ["CCRYPT of 31 bytes", `76${"00".repeat(31)}`],
    ["CCRYPT of 33 bytes", `76${"00".repeat(33)}`],
    ["RMAC_I of 15 bytes", `78${"00".repeat(15)}`],
    ["MFGREP of 2 bytes", "903412"],
    ["XRD without code", "b101"],
    ["XRD card information that ends early", "b10002000104010411"],
    ["XRD card status 4", "b101010004"],
    ["XRD APDU without status", "b1010200"],
  ])("%s", (_, hex) => {
    expect(refusal(() => decodeReply(codeAndData(hex)))).toBe("malformed-message");
  });
});
