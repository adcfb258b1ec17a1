import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { decodeXrd, decodeXwr, encodeXrd, encodeXwr, type XrdReport, type XwrRequest } from "./xwr.ts";

describe("osdp_XWR", () => {
  test.each<readonly [string, XwrRequest]>([
    ["0001", { kind: "get-mode" }],
    ["00020100", { kind: "set-mode", mode: 1, config: 0 }],
    ["00020001", { kind: "set-mode", mode: 0, config: 1 }],
    [
      "01010000a4040007d2760000850101",
      { kind: "apdu", reader: 0, apdu: fromHex("00a4040007d2760000850101") },
    ],
    ["010200", { kind: "done", reader: 0 }],
    ["010403", { kind: "scan", reader: 3 }],
    ["0103000102", { kind: "opaque", mode: 1, code: 3, data: fromHex("000102") }],
    ["0701", { kind: "opaque", mode: 7, code: 1, data: new Uint8Array(0) }],
  ])("%s both ways", (hex, request) => {
    expect(toHex(encodeXwr(request))).toBe(hex);
    expect(decodeXwr(fromHex(hex))).toEqual(request);
  });

  test("a mode set without configuration byte, as liblogicalaccess sends it", () => {
    expect(decodeXwr(fromHex("000201"))).toEqual({ kind: "set-mode", mode: 1, config: 0 });
  });
});

describe("osdp_XRD", () => {
  test.each<readonly [string, XrdReport]>([
    ["000007", { kind: "error", mode: 0, data: fromHex("07") }],
    ["00010101", { kind: "mode", mode: 1, config: 1 }],
    [
      "0002000104010411223375",
      {
        kind: "card-information",
        reader: 0,
        protocol: "contactless",
        csn: fromHex("04112233"),
        protocolData: fromHex("75"),
      },
    ],
    ["01010002", { kind: "card-present", reader: 0, status: "contactless" }],
    ["01010100", { kind: "card-present", reader: 1, status: "absent" }],
    ["010200009000", { kind: "apdu", reader: 0, status: 0, apdu: fromHex("9000") }],
    ["01030001", { kind: "opaque", mode: 1, code: 3, data: fromHex("0001") }],
  ])("%s both ways", (hex, report) => {
    expect(toHex(encodeXrd(report))).toBe(hex);
    expect(decodeXrd(fromHex(hex))).toEqual(report);
  });

  test("a card report without status, as libosdp's branch sends it, means present", () => {
    expect(decodeXrd(fromHex("010100"))).toEqual({ kind: "card-present", reader: 0, status: "present" });
  });
});
