import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import {
  acceptLrpFirst,
  answerLrpChallenge,
  challengeLrp,
  finishLrpFirst,
  lrpFirstRequest,
} from "./lrp-authentication.ts";

// The expected bytes were computed by a second implementation in another language; that one and this code also agree
// with a transcript of a real NTAG 424 DNA in LRP mode.
const secret = { primitives, key: fromHex("000102030405060708090a0b0c0d0e0f") };
const rndA = fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
const rndB = fromHex("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
const transactionId = fromHex("c0c1c2c3");
const answerHex = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafcdf6c6484797a32d42d69793bf452eb6";
const proofHex = "3a0ea9db2bbabcd0a1e4f1a065ce84b9beac02b9d6dce146ed2c616e9a1f3482";

function openBothEnds() {
  const challenge = challengeLrp(rndB);
  const reply = answerLrpChallenge(secret, challenge.challenge, rndA);
  const accepted = acceptLrpFirst(secret, challenge.state, reply.answer, transactionId);
  if (accepted === undefined) throw new Error("the card refused");
  const reader = finishLrpFirst(secret, reply.state, accepted.proof);
  if (reader === undefined) throw new Error("the reader refused");
  return { answer: reply.answer, proof: accepted.proof, card: accepted.session, reader };
}

describe("AuthenticateLRPFirst", () => {
  it("exchanges the expected bytes", () => {
    expect(toHex(lrpFirstRequest(3))).toBe("030102");
    expect(toHex(challengeLrp(rndB).challenge)).toBe("01b0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
    const { answer, proof, card, reader } = openBothEnds();
    expect(toHex(answer)).toBe(answerHex);
    expect(toHex(proof)).toBe(proofHex);
    expect(card.transactionId).toEqual(transactionId);
    expect(reader.transactionId).toEqual(transactionId);
  });

  it("protects commands and answers with one running counter", () => {
    const { card, reader } = openBothEnds();
    const header = fromHex("03000000100000");
    const data = fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf");
    const none = new Uint8Array();

    const read = reader.wrapCommand({ command: 0xad, header, data: none, mode: "full" });
    expect(toHex(read)).toBe("030000001000001395540523603f00");
    expect(card.unwrapCommand(0xad, read, 7, "full")).toEqual({ header, data: none });
    const answer = card.wrapResponse(0, data, "full");
    expect(toHex(answer)).toBe(
      "37418a4367b412017fccd31754c490f4038ab434ecba96b8eaf38782be4f72e757a496641962b852",
    );
    expect(reader.unwrapResponse(0, answer, "full")).toEqual(data);

    const write = reader.wrapCommand({ command: 0x8d, header, data, mode: "full" });
    expect(toHex(write)).toBe(
      "030000001000002bf6028b897d1ea6b8ab226eaa1b4bd97f437d0422bd8615faf2948ad5a1f19a1dff65a7f5eac78f",
    );
    expect(card.unwrapCommand(0x8d, write, 7, "full")).toEqual({ header, data });
    const done = card.wrapResponse(0, none, "full");
    expect(toHex(done)).toBe("7d1faec5603997b8");
    expect(reader.unwrapResponse(0, done, "full")).toEqual(none);
  });

  it("is refused by both ends when the other does not know the key", () => {
    const stranger = { primitives, key: new Uint8Array(16) };
    const { state } = challengeLrp(rndB);
    const falseAnswer = answerLrpChallenge(stranger, challengeLrp(rndB).challenge, rndA);
    expect(acceptLrpFirst(secret, state, falseAnswer.answer, transactionId)).toBeUndefined();

    const trueAnswer = answerLrpChallenge(secret, challengeLrp(rndB).challenge, rndA);
    const impostor = acceptLrpFirst(stranger, state, falseAnswer.answer, transactionId);
    expect(impostor).toBeDefined();
    expect(finishLrpFirst(secret, trueAnswer.state, impostor?.proof ?? new Uint8Array(32))).toBeUndefined();
  });

  it("refuses the challenge of a card in AES mode, and messages of other lengths", () => {
    const { state } = answerLrpChallenge(secret, challengeLrp(rndB).challenge, rndA);
    expect(() => answerLrpChallenge(secret, rndB, rndA)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
    expect(() => answerLrpChallenge(secret, fromHex(`00${"11".repeat(16)}`), rndA)).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
    expect(() => finishLrpFirst(secret, state, new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: "malformed" }),
    );
    expect(acceptLrpFirst(secret, { rndB }, new Uint8Array(31), transactionId)).toBeUndefined();
  });
});
