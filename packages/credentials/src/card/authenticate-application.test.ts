import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import { encodeResponse, parseCommand } from "../apdu/apdu.ts";
import { scriptedChannel } from "../channel/scripted-channel.testing.ts";
import { openInProcessChannel, type SoftwareCard } from "../channel/software-card.ts";
import { NativeCommand, NativeStatus, nativeResponse } from "../desfire/native-framing.ts";
import type { SecureSession } from "../ev2/secure-session.ts";
import { acceptLrpFirst, challengeLrp } from "../lrp/lrp-authentication.ts";
import { authenticateApplication, readFile } from "./authenticate-application.ts";

const key = fromHex("000102030405060708090a0b0c0d0e0f");
const secret = { primitives, key };
const rndA = fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
const rndB = fromHex("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
const file = { number: 3, offset: 0, lengthBytes: 16, mode: "full" } as const;
const content = fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf");

/** An application in LRP mode with key 1 and one file of 16 bytes. */
function lrpCard(): SoftwareCard {
  let challenged = false;
  let session: SecureSession | undefined;
  const answer = (command: number, data: Uint8Array) => {
    if (command === NativeCommand.authenticateEv2First) {
      if (toHex(data) !== "010102") return nativeResponse(NativeStatus.permissionDenied);
      challenged = true;
      return nativeResponse(NativeStatus.additionalFrame, challengeLrp(rndB).challenge);
    }
    if (command === NativeCommand.additionalFrame && challenged) {
      challenged = false;
      const accepted = acceptLrpFirst(secret, { rndB }, data, fromHex("c0c1c2c3"));
      if (accepted === undefined) return nativeResponse(NativeStatus.authenticationError);
      session = accepted.session;
      return nativeResponse(NativeStatus.ok, accepted.proof);
    }
    if (command === NativeCommand.readData && session !== undefined) {
      const { header } = session.unwrapCommand(command, data, 7, "full");
      const known = toHex(header) === "03000000100000";
      return known
        ? nativeResponse(NativeStatus.ok, session.wrapResponse(0, content, "full"))
        : nativeResponse(NativeStatus.boundaryError);
    }
    return nativeResponse(NativeStatus.illegalCommand);
  };
  return {
    atr: fromHex("3b80800101"),
    reset: () => {},
    powerOff: () => {},
    transceive: (bytes) => {
      const command = parseCommand(bytes);
      return encodeResponse(answer(command.ins, command.data));
    },
  };
}

describe("an application in LRP mode", () => {
  const lrp = { keyNumber: 1, secureMessaging: "lrp", rndA } as const;

  it("is authenticated and read", async () => {
    const channel = openInProcessChannel(lrpCard());
    const session = await authenticateApplication(channel, secret, lrp);
    if (session === undefined) throw new Error("not authenticated");
    expect(await readFile(channel, session, file)).toEqual(content);
    expect(await readFile(channel, session, file)).toEqual(content);
  });

  it("refuses another key, and AES mode", async () => {
    const channel = openInProcessChannel(lrpCard());
    const stranger = { primitives, key: new Uint8Array(16) };
    expect(await authenticateApplication(channel, stranger, lrp)).toBeUndefined();
    const aes = authenticateApplication(channel, secret, { ...lrp, secureMessaging: "aes" });
    await expect(aes).rejects.toMatchObject({ code: "card-status", status: 0x919d });
  });

  it("says when a part of a file is not there", async () => {
    const channel = openInProcessChannel(lrpCard());
    const session = await authenticateApplication(channel, secret, lrp);
    if (session === undefined) throw new Error("not authenticated");
    await expect(readFile(channel, session, { ...file, offset: 0x010203 })).rejects.toMatchObject({
      code: "card-status",
      status: 0x91be,
    });
  });
});

describe("a card that answers an authentication out of form", () => {
  const aes = { keyNumber: 1, secureMessaging: "aes", rndA } as const;
  const first = "9071000002010000";
  const challenge = `${"00".repeat(16)}91af`;

  it.each([
    ["no such key", { [first]: "9140" }, { code: "card-status", status: 0x9140 }],
    ["a delay after failures", { [first]: "91ad" }, { code: "card-status", status: 0x91ad }],
    ["success without a challenge", { [first]: "9100" }, { code: "card-status", status: 0x9100 }],
    ["a short challenge", { [first]: "0091af" }, { code: "malformed" }],
    ["an ISO status", { [first]: "6985" }, { code: "card-status", status: 0x6985 }],
  ])("is reported: %s", async (_name, answers, error) => {
    await expect(authenticateApplication(scriptedChannel(answers), secret, aes)).rejects.toMatchObject(error);
  });

  it.each([
    ["a short proof", `${"00".repeat(31)}9100`, { code: "malformed" }],
    ["a proof and more to come", `${"00".repeat(32)}91af`, { code: "card-status", status: 0x91af }],
    ["no proof", "9100", { code: "malformed" }],
  ])("is reported: %s", async (_name, proof, error) => {
    const inner = scriptedChannel({ [first]: challenge });
    const channel = {
      ...inner,
      transceive: async (command: Uint8Array) =>
        command[1] === 0xaf ? fromHex(proof) : inner.transceive(command),
    };
    await expect(authenticateApplication(channel, secret, aes)).rejects.toMatchObject(error);
  });

  it("is a wrong key when it refuses the answer, or proves nothing", async () => {
    for (const proof of ["91ae", `${"00".repeat(32)}9100`]) {
      const inner = scriptedChannel({ [first]: challenge });
      const channel = {
        ...inner,
        transceive: async (command: Uint8Array) =>
          command[1] === 0xaf ? fromHex(proof) : inner.transceive(command),
      };
      expect(await authenticateApplication(channel, secret, aes)).toBeUndefined();
    }
  });
});
