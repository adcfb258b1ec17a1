import * as browserCrypto from "@menshen/crypto";
import * as nodeCrypto from "@menshen/crypto/node";
import { describe, expect, it } from "vitest";
import an10922 from "../../vectors/nxp-an10922.json" with { type: "json" };
import ev2 from "../../vectors/nxp-ev2-aes.json" with { type: "json" };
import { parseCommand } from "../apdu/apdu.ts";
import { encodeNativeCommand, NativeCommand } from "../desfire/native-framing.ts";
import { acceptEv2First, answerEv2Challenge, challengeEv2, finishEv2First } from "./authentication.ts";
import { diversifyAes128 } from "./diversification.ts";
import { SecureSession } from "./secure-session.ts";
import { deriveEv2SessionKeys, makeAesSessionCipher } from "./session-cipher.ts";

const { fromHex, toHex } = nodeCrypto;

describe.each([
  ["@menshen/crypto", browserCrypto.primitives],
  ["@menshen/crypto/node", nodeCrypto.primitives],
])("EV2 in AES mode over %s", (_name, primitives) => {
  function sessionAt(keys: { enc?: string; mac: string }, ti: string, counter: number): SecureSession {
    const cipher = makeAesSessionCipher(primitives, {
      encryptionKey: fromHex(keys.enc ?? "00".repeat(16)),
      macKey: fromHex(keys.mac),
    });
    return new SecureSession(primitives, cipher, fromHex(ti), counter);
  }

  it("diversifies as AN10922 prints it, short inputs too", () => {
    expect(an10922.vectors).toHaveLength(2);
    for (const v of an10922.vectors) {
      const derived = diversifyAes128(primitives, fromHex(v.masterKey), fromHex(v.divInput));
      expect(toHex(derived)).toBe(v.derived);
    }
  });

  it("answers the card's challenges as the reader of AN12196 does", () => {
    expect(ev2.auth).toHaveLength(2);
    for (const v of ev2.auth) {
      const secret = { primitives, key: fromHex(v.key) };
      const { answer, state } = answerEv2Challenge(secret, fromHex(v.part1Resp), fromHex(v.rndA));
      expect(toHex(answer)).toBe(v.part2Cmd);
      expect(toHex(state.rndB)).toBe(v.rndB);
      const session = finishEv2First(secret, state, fromHex(v.part2Resp));
      expect(toHex(session?.transactionId ?? new Uint8Array())).toBe(v.ti);
      const keys = deriveEv2SessionKeys(primitives, secret.key, state.rndA, state.rndB);
      expect(toHex(keys.encryptionKey)).toBe(v.enc);
      expect(toHex(keys.macKey)).toBe(v.mac);
    }
  });

  it("challenges and accepts the reader as the card of AN12196 does", () => {
    for (const v of ev2.auth) {
      const secret = { primitives, key: fromHex(v.key) };
      const { challenge, state } = challengeEv2(secret, fromHex(v.rndB));
      expect(toHex(challenge)).toBe(v.part1Resp);
      const accepted = acceptEv2First(secret, state, fromHex(v.part2Cmd), fromHex(v.ti));
      expect(toHex(accepted?.proof ?? new Uint8Array())).toBe(v.part2Resp);
    }
  });

  it("derives the session keys of AN12343", () => {
    for (const v of ev2.sessionKeys) {
      const keys = deriveEv2SessionKeys(primitives, fromHex(v.key), fromHex(v.rndA), fromHex(v.rndB));
      expect(toHex(keys.encryptionKey)).toBe(v.enc);
      expect(toHex(keys.macKey)).toBe(v.mac);
    }
  });

  it("makes and checks the truncated MACs of commands and answers, at both ends", () => {
    expect(ev2.macTruncated).toHaveLength(7);
    for (const v of ev2.macTruncated) {
      const open = () => sessionAt({ mac: v.macKey }, v.ti, v.cmdCtr);
      const data = fromHex(v.data);
      if (v.cmdOrStatus === 0) {
        expect(toHex(open().wrapResponse(0, data, "mac"))).toBe(v.data + v.mact);
        expect(toHex(open().unwrapResponse(0, fromHex(v.data + v.mact), "mac"))).toBe(v.data);
      } else {
        const command = {
          command: v.cmdOrStatus,
          header: data,
          data: new Uint8Array(),
          mode: "mac",
        } as const;
        expect(toHex(open().wrapCommand(command))).toBe(v.data + v.mact);
        const unwrapped = open().unwrapCommand(v.cmdOrStatus, fromHex(v.data + v.mact), data.length, "mac");
        expect(toHex(unwrapped.header)).toBe(v.data);
      }
    }
  });

  it("derives the IVs of commands", () => {
    for (const v of ev2.commandIv) {
      const encryptionKey = fromHex(v.encKey);
      const cipher = makeAesSessionCipher(primitives, { encryptionKey, macKey: new Uint8Array(16) });
      const context = {
        direction: "command",
        transactionId: fromHex(v.ti),
        commandCounter: v.cmdCtr,
      } as const;
      // CBC of a block equal to its IV is the encryption of zeros.
      expect(cipher.encrypt(context, fromHex(v.iv))).toEqual(
        primitives.aesEncryptBlock(encryptionKey, new Uint8Array(16)),
      );
    }
  });

  it("enciphers the command of AN12196 §6.12 and reads it back as the card", () => {
    for (const v of ev2.fullCommand) {
      const [header, data] = [fromHex(v.header), fromHex(v.data)];
      const wrapped = sessionAt(v, v.ti, v.ctr).wrapCommand({ command: v.cmd, header, data, mode: "full" });
      expect(toHex(encodeNativeCommand(v.cmd, wrapped)).toUpperCase()).toBe(v.apdu);
      const received = parseCommand(fromHex(v.apdu));
      expect(received.ins).toBe(NativeCommand.writeData);
      const read = sessionAt(v, v.ti, v.ctr).unwrapCommand(v.cmd, received.data, header.length, "full");
      expect(read).toEqual({ header, data });
    }
  });

  it("runs GetCardUID of AN12196 §7.3, enciphered answer included, at both ends", () => {
    const [full] = ev2.fullResponse;
    const [command, response] = ev2.macTruncated.filter((v) => v.source === "NXP AN12196 section 7.3");
    if (full === undefined || command === undefined || response === undefined) throw new Error("no vector");
    const keys = { enc: full.encKey, mac: command.macKey };
    const uid = "04958caa5c5e80";
    expect(full.plain.startsWith(`${uid}80`)).toBe(true);

    const reader = sessionAt(keys, full.ti, 0);
    const request = {
      command: 0x51,
      header: new Uint8Array(),
      data: new Uint8Array(),
      mode: "full",
    } as const;
    expect(toHex(reader.wrapCommand(request))).toBe(command.mact);
    const answer = full.ciphertext + response.mact;
    expect(toHex(reader.unwrapResponse(0, fromHex(answer), "full"))).toBe(uid);

    const card = sessionAt(keys, full.ti, 0);
    expect(card.unwrapCommand(0x51, fromHex(command.mact), 0, "full").data).toHaveLength(0);
    expect(card.commandCounter).toBe(full.cmdCtrAfter);
    expect(toHex(card.wrapResponse(0, fromHex(uid), "full"))).toBe(answer);
  });
});
