import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { cardFromProfile } from "./card-profile.ts";

const rights = { read: 1, write: 0, readWrite: "never", change: 0 };
const desfire = {
  kind: "desfire",
  uid: "04112233445566",
  masterKey: { value: "00".repeat(16), version: 1 },
  applications: [
    {
      aid: "db1cf5",
      keySettings: 11,
      keys: [{ value: "11".repeat(16), version: 2 }],
      files: [
        { number: 1, mode: "full", rights, data: "0102" },
        {
          number: 15,
          mode: "mac",
          rights,
          transactionMac: {
            key: { value: "22".repeat(16), version: 0 },
            counter: 7,
            code: "33".repeat(8),
            lastReaderId: "44".repeat(16),
          },
        },
      ],
    },
  ],
};

describe("a profile", () => {
  test("of a DESFire comes back as it went in", () => {
    expect(cardFromProfile(desfire).profile()).toEqual(desfire);
  });

  test("of an NTAG 424 comes back filled up, its settings kept", () => {
    const described = {
      kind: "ntag424",
      uid: "04958caa5c5e80",
      files: [
        {
          number: 2,
          mode: "plain",
          rights: { read: "free", write: 0, readWrite: 0, change: 0 },
          data: "00ff",
          sdm: "c1f121200000430000430000",
        },
      ],
      readCounter: 12,
      tagTamper: "opened",
    };
    const profile = cardFromProfile(described).profile();
    expect(profile).toMatchObject({ readCounter: 12, tagTamper: "opened" });
    expect(profile.kind === "ntag424" && profile.files?.[1]).toEqual({
      ...described.files[0],
      data: `00ff${"00".repeat(254)}`,
    });
    expect(cardFromProfile(profile).profile()).toEqual(profile);
  });

  test("of a bare number is that number", () => {
    const { card } = cardFromProfile({ kind: "uid", uid: "DEADBEEF" });
    expect(toHex(card.transceive(fromHex("ffca000000")))).toBe("deadbeef9000");
    expect(toHex(card.transceive(fromHex("00a4040000")))).toBe("6a81");
  });

  test.each([
    [{}, "card: expected `kind` to be desfire, ntag424 or uid"],
    [null, "card: expected `kind` to be desfire, ntag424 or uid"],
    [{ kind: "uid", uid: "0401" }, /^card\/uid/],
    [{ kind: "desfire", uid: "04", applications: [] }, /^card\/uid/],
    [{ ...desfire, colour: "red" }, /^card/],
    [{ kind: "ntag424", uid: "04958caa5c5e80", keys: [] }, /^card\/keys/],
    [
      {
        kind: "ntag424",
        uid: "04958caa5c5e80",
        files: [{ number: 1, mode: "plain", rights, data: "00".repeat(64) }],
      },
      "card file 1: its content is too long",
    ],
  ])("that is not of the form is refused: %j", (profile, message) => {
    expect(() => cardFromProfile(profile)).toThrow(message);
  });
});
