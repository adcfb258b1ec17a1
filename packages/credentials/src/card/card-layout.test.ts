import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { diversifyAes128 } from "../ev2/diversification.ts";
import { desfireLayout, diversificationInput, keyNumberOf, layoutOf, ntag424Layout } from "./card-layout.ts";
import { credentialKeyOf } from "./credential-key.ts";

const uid = fromHex("04782e21801d80");
const communityId = fromHex("0190d6c2f3b17a4c8e5d00112233aabb");

describe("card layout", () => {
  it("names applications as they are sent", () => {
    expect(toHex(desfireLayout.applicationId)).toBe("534df5");
    expect(toHex(ntag424Layout.applicationId)).toBe("d2760000850101");
    expect(layoutOf("desfire")).toBe(desfireLayout);
    expect(layoutOf("ntag424")).toBe(ntag424Layout);
  });

  it("gives each door group the key of its number", () => {
    expect([1, 13].map((group) => keyNumberOf("desfire", group))).toEqual([1, 13]);
    expect([1, 4].map((group) => keyNumberOf("ntag424", group))).toEqual([1, 4]);
    const badArgument = expect.objectContaining({ code: "bad-argument" });
    for (const group of [0, 14, 1.5]) expect(() => keyNumberOf("desfire", group)).toThrow(badArgument);
    expect(() => keyNumberOf("ntag424", 5)).toThrow(badArgument);
  });

  it("diversifies by card, application, community and door group", () => {
    const input = { uid, applicationId: desfireLayout.applicationId, communityId, doorGroup: 2 };
    expect(toHex(diversificationInput(input))).toBe(
      "04782e21801d80" + "534df5" + "0190d6c2f3b17a4c8e5d00112233aabb" + "02",
    );
    const ntag = diversificationInput({ ...input, applicationId: ntag424Layout.applicationId });
    expect(ntag).toHaveLength(31);
    const key = (change: object) =>
      toHex(diversifyAes128(primitives, new Uint8Array(16), diversificationInput({ ...input, ...change })));
    const keys = [
      key({}),
      key({ doorGroup: 1 }),
      key({ uid: fromHex("04782e21801d81") }),
      key({ communityId: communityId.toReversed() }),
      key({ applicationId: ntag424Layout.applicationId }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ["a short UID", { uid: fromHex("04782e21") }],
    ["a short AID", { applicationId: fromHex("534d") }],
    ["a short community", { communityId: fromHex("01") }],
    ["door group 14", { doorGroup: 14 }],
    ["door group -1", { doorGroup: -1 }],
  ])("refuses %s", (_name, change) => {
    const input = { uid, applicationId: desfireLayout.applicationId, communityId, doorGroup: 2 };
    expect(() => diversificationInput({ ...input, ...change })).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });
});

describe("the credential key", () => {
  // printf 'menshen credential key v1desfire\0\x04\x78\x2e\x21\x80\x1d\x80' | sha256sum | cut -c1-32
  it("is SHA-256 over label, kind and identifier, cut to 16 bytes", () => {
    expect(toHex(credentialKeyOf(primitives, "desfire", uid))).toBe("2ba7f1f6a5d83efe344f1bfcae095843");
    expect(toHex(credentialKeyOf(primitives, "uid", uid))).toBe("c238e8a885d7e9d4971402e9c38c8937");
  });
});
