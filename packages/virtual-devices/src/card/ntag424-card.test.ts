import {
  keyChangePayload,
  makeNativeReader,
  openInProcessChannel,
  readSunText,
  verifySun,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { makeNtag424Card } from "./ntag424-card.ts";
import { blankNtag424 } from "./ntag424-state.ts";

const { fromHex, toHex } = primitives;
const UID = fromHex("04958caa5c5e80");
const ZERO = new Uint8Array(16);
const KEY_1 = fromHex("b62a9baf092439bd43c62aee96b970c5");
const SELECT = "00a4040c07d276000085010100";

function blankCard(tagTamper = false) {
  const random = seededRandom("ntag test");
  const state = blankNtag424(UID, { tagTamper });
  const card = makeNtag424Card(state, random.bytes);
  const send = (hex: string) => toHex(card.transceive(fromHex(hex)));
  const reader = makeNativeReader(openInProcessChannel(card), primitives, random.branch("reader").bytes);
  return { card, state, send, reader };
}

/** AN12196 §6.6 and §6.10: what the card answers when its chance is the one of the example. */
test.each([
  {
    rndB: "b9e2fc789b64bf237cccaa20ec7e6e48",
    ti: "9d00c4df",
    challenge: "a04c124213c186f22399d33ac2a30215",
    answer: "35c3e05a752e0144bac0de51c1f22c56b34408a23d8aea266cab947ea8e0118d",
    proof: "3fa64db5446d1f34cd6ea311167f5e4985b89690c04a05f17fa7ab2f08120663",
    keyNumber: "00",
  },
  {
    rndB: "91517975190dcea6104948efa3085c1b",
    ti: "7614281a",
    challenge: "b875ceb0e66a6c5cd00898dc371f92d1",
    answer: "ff0306e47dfbc50087c4d8a78e88e62de1e8be457aa477c707e2f0874916a8b1",
    proof: "0cc9a8094a8eea683ecaac5c7bf20584206d0608d477110fc6b3d5d3f65c3a6a",
    keyNumber: "03",
  },
])(
  "answers AuthenticateEV2First as printed, key $keyNumber",
  ({ rndB, ti, challenge, answer, proof, keyNumber }) => {
    const chance = [fromHex(rndB), fromHex(ti)];
    const card = makeNtag424Card(blankNtag424(UID), () => chance.shift() ?? ZERO);
    const send = (hex: string) => toHex(card.transceive(fromHex(hex)));
    send(SELECT);
    expect(send(`9071000002${keyNumber}0000`)).toBe(`${challenge}91af`);
    expect(send(`90af000020${answer}00`)).toBe(`${proof}9100`);
    if (keyNumber !== "03") return;
    // AN12196 §6.12: WriteData to file 3, enciphered.
    expect(send("908d00001f030000000a00006b5e6804909962fc4e3ff5522cf0f8436c0c53315b9c73aa00")).toBe(
      "c26d236e4a7c046d9100",
    );
  },
);

describe("over its contacts", () => {
  test("tells its version, and nothing else before it is selected", () => {
    const { send } = blankCard();
    expect(send("9060000000")).toBe("0404023000110591af");
    expect(send("90af000000")).toBe("0404020102110591af");
    expect(send("90af000000")).toBe("04958caa5c5e80000000000000009100");
    expect(send("90f5000001" + "0200")).toBe("919d");
    expect(send("90710000020000" + "00")).toBe("9140");
    expect(send("00a4000c02e10300")).toBe("6a82");
  });

  test("gives capability container and NDEF file to a telephone", () => {
    const { send } = blankCard();
    expect(send(SELECT)).toBe("9000");
    expect(send("00a4000c02e10300")).toBe("9000");
    expect(send("00b000000f")).toBe("001720010000ff0406e1040100000090" + "00");
    expect(send("00d6000002ffff")).toBe("6982");
    expect(send("00a4000c02e10400")).toBe("9000");
    expect(send("00d60000040002d100")).toBe("9000");
    expect(send("00b0000004")).toBe("0002d1009000");
    expect(send("00b0840004")).toBe("0002d1009000");
    expect(send("00b0020004")).toBe("6b00");
    expect(send("00b0850004")).toBe("6982");
  });

  test("refuses bytes that are no command", () => {
    const { send } = blankCard();
    expect(send("9060")).toBe("6700");
    expect(send("ffca000000")).toBe("04958caa5c5e809000");
    expect(send("80a4040000")).toBe("6e00");
    expect(send("00c0000000")).toBe("6d00");
    send(SELECT);
    expect(send("903c000001" + "0000")).toBe("911c");
    expect(send("90f7000000")).toBe("911c");
    expect(send("9071000002" + "050000")).toBe("9140");
  });

  test("a TagTamper tells the state of its loop", () => {
    const { send, state } = blankCard(true);
    send(SELECT);
    expect(send("90f7000000")).toBe("43439100");
    if (state.tamper !== undefined) state.tamper.opened = true;
    expect(send("90f7000000")).toBe("4f4f9100");
  });
});

describe("with keys", () => {
  test("writes and reads the proprietary file enciphered", async () => {
    const { reader, send } = blankCard();
    send(SELECT);
    await reader.authenticate(3, ZERO);
    const data = fromHex("0102030405060708090a");
    await reader.command({
      command: 0x8d,
      header: fromHex("030000000a0000"),
      data,
      mode: "full",
      answerMode: "mac",
    });
    await reader.authenticate(2, ZERO);
    const read = await reader.command({ command: 0xad, header: fromHex("030000000a0000"), mode: "full" });
    expect(toHex(read)).toBe("0102030405060708090a");
    await expect(
      reader.command({
        command: 0x8d,
        header: fromHex("030000000a0000"),
        data,
        mode: "full",
        answerMode: "mac",
      }),
    ).rejects.toMatchObject({ status: 0x919d });
  });

  test("only key 0 changes keys", async () => {
    const { reader, send } = blankCard();
    send(SELECT);
    await reader.authenticate(1, ZERO);
    const change = () =>
      reader.command({
        command: 0xc4,
        header: Uint8Array.of(1),
        data: keyChangePayload({ value: KEY_1, version: 5 }, ZERO),
        mode: "full",
        answerMode: "mac",
      });
    await expect(change()).rejects.toMatchObject({ status: 0x919d });
    await reader.authenticate(0, ZERO);
    await change();
    await reader.authenticate(1, KEY_1);
    expect(toHex(await reader.command({ command: 0x64, header: Uint8Array.of(1), mode: "mac" }))).toBe("05");
    expect(toHex(await reader.command({ command: 0x51, mode: "full" }))).toBe(toHex(UID));
  });
});

describe("secure dynamic messaging", () => {
  const text = `https://h.example/t?p=${"0".repeat(32)}&c=${"0".repeat(16)}`;
  // NLEN 2 bytes, D1 01 LL 55 04, then the address behind `https://`.
  const behind = text.slice("https://".length);
  const file = `00${(behind.length + 5).toString(16)}d101${(behind.length + 1).toString(16)}5504${toHex(new TextEncoder().encode(behind))}`;
  const offset = 7 - "https://".length;
  const picc = text.indexOf("p=") + 2 + offset;
  const mac = text.indexOf("c=") + 2 + offset;
  const byte3 = (value: number) => toHex(Uint8Array.of(value & 0xff, value >> 8, 0));

  async function personalised() {
    const made = blankCard();
    const { send, reader } = made;
    send(SELECT);
    send("00a4000c02e10400");
    send(`00d60000${(file.length / 2).toString(16)}${file}`);
    await reader.authenticate(0, ZERO);
    await reader.command({
      command: 0xc4,
      header: Uint8Array.of(1),
      data: keyChangePayload({ value: KEY_1, version: 1 }, ZERO),
      mode: "full",
      answerMode: "mac",
    });
    // SDM on, plain; read free, write key 0; UID and counter enciphered by key 2, MAC by key 1.
    const settings = fromHex(`4000e0c1f121${byte3(picc)}${byte3(mac)}${byte3(mac)}`);
    await reader.command({
      command: 0x5f,
      header: Uint8Array.of(2),
      data: settings,
      mode: "full",
      answerMode: "mac",
    });
    const told = await reader.command({ command: 0xf5, header: Uint8Array.of(2), mode: "mac" });
    expect(toHex(told)).toBe(`004000e0000100${toHex(settings.subarray(3))}`);
    reader.forgetSession();
    return made;
  }

  function tap(send: (hex: string) => string): string {
    send(SELECT);
    send("00a4000c02e10400");
    const length = Number.parseInt(send("00b0000002").slice(0, 4), 16);
    const record = fromHex(send(`00b00002${length.toString(16)}`).slice(0, -4));
    return `https://${new TextDecoder().decode(record.subarray(5))}`;
  }

  test("every tap is another address, with the counter one higher, and verifies", async () => {
    const { send } = await personalised();
    const layout = {
      mode: "aes",
      piccDataOffset: picc - offset,
      macInputOffset: mac - offset,
      macOffset: mac - offset,
    } as const;
    const seen = [1, 2, 3].map((count) => {
      const address = tap(send);
      const message = readSunText(address, layout);
      expect(message).toBeDefined();
      if (message === undefined) return address;
      const verified = verifySun({ primitives, message, metaKey: ZERO, fileKeyFor: () => KEY_1 });
      expect(verified).toEqual({ outcome: "verified", uid: UID, counter: count });
      return address;
    });
    expect(new Set(seen).size).toBe(3);
  });

  test("a reader with a key sees the file as written, and the counter stands", async () => {
    const { send, reader, state } = await personalised();
    tap(send);
    await reader.authenticate(0, ZERO);
    const read = await reader.command({ command: 0xad, header: fromHex("02000000000000"), mode: "plain" });
    expect(toHex(read).startsWith(file)).toBe(true);
    expect(state.readCounter).toBe(1);
  });

  test.each(["4000e0c1f121", "4000e0e1f121000000000000000000", "4000e0c1f121f00000f00000f00000"])(
    "settings that do not add up are refused: %s",
    async (settings) => {
      const { send, reader } = blankCard();
      send(SELECT);
      await reader.authenticate(0, ZERO);
      await expect(
        reader.command({ command: 0x5f, header: Uint8Array.of(2), data: fromHex(settings), mode: "full" }),
      ).rejects.toMatchObject({ status: 0x919e });
    },
  );
});
