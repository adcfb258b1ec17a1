import { concatBytes, fromHex, toHex } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import vectors from "../../vectors/pkoc-osdp.json" with { type: "json" };
import {
  decodePkocMessage,
  encodePkocMessage,
  makePkocAssembler,
  type PkocMessage,
  pkocParts,
} from "./pkoc.ts";

const transactionId = fromHex("000102030405060708090a0b0c0d0e0f");
const readerIdentifier = fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
const version = fromHex("0100");
const published = (type: string) => {
  const found = vectors.messages.find((message) => message.type === type);
  if (found === undefined) throw new Error(`no message ${type}`);
  return found.hex;
};
const response = decodePkocMessage(fromHex(published("AuthResponse")));

describe("PKOC messages in osdp_MFG", () => {
  const cases: readonly [string, PkocMessage, boolean][] = [
    [
      "CardPresent, as a reader may order it",
      { kind: "card-present", versions: version, error: { code: 2 }, sequence: 3 },
      false,
    ],
    [
      "CardPresent, as it is written",
      { kind: "card-present", versions: version, error: { code: 2 }, sequence: 3 },
      true,
    ],
    [
      "CardPresent with the card's status",
      { kind: "card-present", versions: version, error: { code: 1, status: 0x9000 }, sequence: 3 },
      false,
    ],
    ["AuthRequest", { kind: "auth-request", version, readerIdentifier, transactionId, sequence: 3 }, true],
    ["NextTransaction", { kind: "next-transaction", transactionId, sequence: 3 }, true],
    ["TransactionRefresh", { kind: "transaction-refresh" }, true],
    ["ReaderError", { kind: "reader-error", error: { code: 2 } }, true],
    [
      "ReaderError with the card's status",
      { kind: "reader-error", error: { code: 1, status: 0x9000 } },
      true,
    ],
  ];

  it.each(cases)("%s is read, and written where the order is ours", (type, message, written) => {
    expect(decodePkocMessage(fromHex(published(type)))).toEqual(message);
    if (written) expect(toHex(encodePkocMessage(message))).toBe(published(type));
    else expect(decodePkocMessage(encodePkocMessage(message))).toEqual(message);
  });

  it("an answer is read and written", () => {
    expect(response).toMatchObject({ kind: "auth-response", transactionId, sequence: 3, error: { code: 2 } });
    expect(toHex(encodePkocMessage(response))).toBe(published("AuthResponse"));
    expect(cases.length + 1).toBe(vectors.messages.length);
  });

  it("an answer travels in parts", () => {
    if (response.kind !== "auth-response") throw new Error("no answer");
    const parts = pkocParts(response, 100);
    expect(parts.map((part) => toHex(part.subarray(0, 7)))).toEqual(["e29b0000005d00", "e29b005d003e00"]);
    expect(toHex(concatBytes(...parts.map((part) => part.subarray(7))))).toBe(
      published("AuthResponse").slice(2),
    );
    const assembler = makePkocAssembler();
    expect(parts.map((part) => assembler.push(part))).toEqual([undefined, response]);
    // In one part where there is room, and other messages in between do not disturb it.
    expect(makePkocAssembler().push(pkocParts(response, 1_000)[0] ?? new Uint8Array())).toEqual(response);
    expect(assembler.push(fromHex("e4"))).toEqual({ kind: "transaction-refresh" });
    expect(() => pkocParts(response, 7)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });

  it("is not written with fields of other lengths", () => {
    const wrong: readonly PkocMessage[] = [
      { kind: "card-present", versions: new Uint8Array(3) },
      { kind: "card-present", versions: new Uint8Array() },
      { kind: "auth-request", version, readerIdentifier, transactionId: new Uint8Array(15) },
      { kind: "auth-request", version, readerIdentifier: transactionId, transactionId },
      { kind: "next-transaction", transactionId: new Uint8Array(66) },
      { kind: "next-transaction", transactionId, sequence: 256 },
      { kind: "reader-error", error: { code: 1 } },
      { kind: "reader-error", error: { code: 2, status: 0x9000 } },
    ];
    for (const message of wrong) {
      expect(() => encodePkocMessage(message)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    }
  });
});
