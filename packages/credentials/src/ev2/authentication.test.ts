import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import {
  acceptEv2First,
  acceptEv2NonFirst,
  answerEv2Challenge,
  challengeEv2,
  ev2FirstRequest,
  ev2NonFirstRequest,
  finishEv2First,
  finishEv2NonFirst,
} from "./authentication.ts";
import { diversifyAes128 } from "./diversification.ts";

const secret = { primitives, key: fromHex("000102030405060708090a0b0c0d0e0f") };
const stranger = { primitives, key: fromHex("ff0102030405060708090a0b0c0d0e0f") };
const rndA = fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
const rndB = fromHex("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
const transactionId = fromHex("c0c1c2c3");
const malformed = expect.objectContaining({ code: "malformed" });
const badArgument = expect.objectContaining({ code: "bad-argument" });
const none = new Uint8Array();

function authenticated() {
  const { challenge, state } = challengeEv2(secret, rndB);
  const reply = answerEv2Challenge(secret, challenge, rndA);
  const accepted = acceptEv2First(secret, state, reply.answer, transactionId);
  if (accepted === undefined) throw new Error("the card refused");
  const reader = finishEv2First(secret, reply.state, accepted.proof);
  if (reader === undefined) throw new Error("the reader refused");
  return { card: accepted.session, reader };
}

describe("AuthenticateEV2First", () => {
  it("asks without capabilities", () => {
    expect(toHex(ev2FirstRequest(3))).toBe("0300");
    expect(toHex(ev2NonFirstRequest(3))).toBe("03");
  });

  it("lets the card refuse a reader without the key", () => {
    const { challenge, state } = challengeEv2(secret, rndB);
    const { answer } = answerEv2Challenge(stranger, challenge, rndA);
    expect(acceptEv2First(secret, state, answer, transactionId)).toBeUndefined();
    expect(acceptEv2First(secret, state, answer.subarray(1), transactionId)).toBeUndefined();
  });

  it("lets the reader refuse a card without the key, and its own answer sent back", () => {
    const { challenge } = challengeEv2(secret, rndB);
    const { answer, state } = answerEv2Challenge(secret, challenge, rndA);
    const impostor = challengeEv2(stranger, rndB);
    const theirs = answerEv2Challenge(stranger, impostor.challenge, rndA);
    const accepted = acceptEv2First(stranger, impostor.state, theirs.answer, transactionId);
    expect(accepted).toBeDefined();
    expect(finishEv2First(secret, state, accepted?.proof ?? none)).toBeUndefined();
    expect(finishEv2First(secret, state, answer)).toBeUndefined();
  });

  it("refuses a proof with any bit of RndA changed", () => {
    const { challenge, state } = challengeEv2(secret, rndB);
    const reply = answerEv2Challenge(secret, challenge, rndA);
    const proof = acceptEv2First(secret, state, reply.answer, transactionId)?.proof ?? none;
    for (const index of [0, 3, 15, 16, 20]) {
      const changed = proof.slice();
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      expect(finishEv2First(secret, reply.state, changed)).toBeUndefined();
    }
  });

  it("refuses messages of other lengths", () => {
    const { challenge } = challengeEv2(secret, rndB);
    const { state } = answerEv2Challenge(secret, challenge, rndA);
    expect(() => answerEv2Challenge(secret, challenge.subarray(1), rndA)).toThrow(malformed);
    expect(() => answerEv2Challenge(secret, fromHex(`01${"00".repeat(16)}`), rndA)).toThrow(malformed);
    expect(() => finishEv2First(secret, state, new Uint8Array(16))).toThrow(malformed);
    expect(() => finishEv2First(secret, state, new Uint8Array(33))).toThrow(malformed);
    expect(() => challengeEv2(secret, rndB.subarray(1))).toThrow(badArgument);
    expect(() => answerEv2Challenge(secret, challenge, rndA.subarray(1))).toThrow(badArgument);
    expect(() => acceptEv2First(secret, { rndB }, new Uint8Array(32), fromHex("00"))).toThrow(badArgument);
  });
});

describe("AuthenticateEV2NonFirst", () => {
  it("keeps transaction and counter, and changes the keys", () => {
    const { card, reader } = authenticated();
    const command = { command: 0x51, header: none, data: none, mode: "mac" } as const;
    const before = reader.wrapCommand(command);
    card.unwrapCommand(0x51, before, 0, "mac");
    reader.unwrapResponse(0, card.wrapResponse(0, none, "mac"), "mac");

    const otherKey = { primitives, key: fromHex("101112131415161718191a1b1c1d1e1f") };
    const { challenge, state } = challengeEv2(otherKey, rndB.toReversed());
    const reply = answerEv2Challenge(otherKey, challenge, rndA.toReversed());
    const accepted = acceptEv2NonFirst(otherKey, state, reply.answer, card);
    expect(accepted?.proof).toHaveLength(16);
    const next = finishEv2NonFirst(otherKey, reply.state, accepted?.proof ?? none, reader);
    expect(next?.commandCounter).toBe(1);
    expect(next?.transactionId).toEqual(transactionId);
    expect(() => reader.wrapCommand(command)).toThrow(expect.objectContaining({ code: "closed" }));

    const after = next?.wrapCommand(command) ?? none;
    expect(accepted?.session.unwrapCommand(0x51, after, 0, "mac").data).toEqual(none);
  });

  it("is refused by both ends when the other does not know the key", () => {
    const { card, reader } = authenticated();
    const { challenge, state } = challengeEv2(secret, rndB);
    const theirs = answerEv2Challenge(stranger, challenge, rndA);
    expect(acceptEv2NonFirst(secret, state, theirs.answer, card)).toBeUndefined();
    const ours = answerEv2Challenge(secret, challenge, rndA);
    expect(finishEv2NonFirst(secret, ours.state, new Uint8Array(16), reader)).toBeUndefined();
    expect(() => finishEv2NonFirst(secret, ours.state, new Uint8Array(32), reader)).toThrow(malformed);
    // A refused attempt leaves the session before it as it was.
    expect(reader.commandCounter).toBe(0);
    expect(reader.wrapCommand({ command: 0x51, header: none, data: none, mode: "mac" })).toHaveLength(8);
  });
});

describe("diversification", () => {
  const master = fromHex("00112233445566778899aabbccddeeff");

  it("takes 1 to 31 bytes of input under a 16-byte key", () => {
    for (const length of [0, 32]) {
      expect(() => diversifyAes128(primitives, master, new Uint8Array(length))).toThrow(badArgument);
    }
    expect(() => diversifyAes128(primitives, new Uint8Array(32), new Uint8Array(7))).toThrow(badArgument);
    expect(diversifyAes128(primitives, master, new Uint8Array(31))).toHaveLength(16);
  });

  it("tells inputs apart that differ only by trailing zeros or 80s", () => {
    const inputs = ["04", "0400", "0480", "048000", "04".padEnd(30, "0"), "04".padEnd(32, "0")];
    const keys = inputs.map((hex) => toHex(diversifyAes128(primitives, master, fromHex(hex))));
    expect(new Set(keys).size).toBe(inputs.length);
  });
});
