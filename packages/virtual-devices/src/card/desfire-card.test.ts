import { keyChangePayload, makeNativeReader, openInProcessChannel } from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { makeDesfireCard } from "./desfire-card.ts";
import { blankDesfire } from "./desfire-state.ts";

const { fromHex, toHex } = primitives;
const UID = fromHex("04112233445566");
const AID = fromHex("db1cf5");
const ZERO = new Uint8Array(16);
const KEY_1 = fromHex("0102030405060708090a0b0c0d0e0f10");
/** Key 0 changes keys; files made by key 0 only; directory free. */
const KEY_SETTINGS = 0x0b;

function blankCard() {
  const random = seededRandom("desfire test");
  const card = makeDesfireCard(blankDesfire(UID), random.bytes);
  const send = (hex: string) => toHex(card.transceive(fromHex(hex)));
  return {
    card,
    send,
    reader: makeNativeReader(openInProcessChannel(card), primitives, random.branch("reader").bytes),
  };
}

/** One application with two keys and, read by key 1, a file of 80 bytes. */
async function cardWithFile(mode: "00" | "01" | "03") {
  const made = blankCard();
  const { reader } = made;
  await reader.command({ command: 0xca, header: Uint8Array.of(...AID, KEY_SETTINGS, 0x82), mode: "plain" });
  await reader.command({ command: 0x5a, header: AID, mode: "plain" });
  await reader.authenticate(0, ZERO);
  // Read key 1, write key 0, read-write never, change key 0.
  await reader.command({ command: 0xcd, header: fromHex(`01${mode}f010500000`), mode: "mac" });
  await reader.command({
    command: 0xc4,
    header: Uint8Array.of(1),
    data: keyChangePayload({ value: KEY_1, version: 3 }, ZERO),
    mode: "full",
    answerMode: "mac",
  });
  const content = Uint8Array.from({ length: 80 }, (_, index) => index);
  const commMode = mode === "03" ? "full" : mode === "01" ? "mac" : "plain";
  await reader.command({
    command: 0x3d,
    header: fromHex("01000000500000"),
    data: content,
    mode: commMode,
    answerMode: commMode === "plain" ? "plain" : "mac",
  });
  reader.forgetSession();
  return { ...made, content, commMode } as const;
}

describe("over its contacts", () => {
  test("tells its version in three frames", () => {
    const { send } = blankCard();
    expect(send("9060000000")).toBe("0401011200180591af");
    expect(send("90af000000")).toBe("0401010201180591af");
    expect(send("90af000000")).toBe("04112233445566000000000000009100");
  });

  test("has UID, historical bytes and ATR as a PC/SC reader tells them", () => {
    const { card, send } = blankCard();
    expect(send("ffca000000")).toBe("041122334455669000");
    expect(send("ffca010000")).toBe("809000");
    expect(send("ffca000004")).toBe("6c07");
    expect(send("ff00000000")).toBe("6a81");
    expect(toHex(card.atr)).toBe("3b8180018080");
  });

  test("is selected by its name and by no other", () => {
    const { send } = blankCard();
    expect(send("00a4040007d276000085010000")).toBe("9000");
    expect(send("00a4040007d276000085010100")).toBe("6a82");
    expect(send("00b0000000")).toBe("6d00");
    expect(send("80ca000000")).toBe("6e00");
    expect(send("00")).toBe("6700");
  });

  test("refuses what it does not know, what is missing and what is out of order", () => {
    const { send } = blankCard();
    expect(send("900b000000")).toBe("911c");
    expect(send("90af000000")).toBe("911c");
    expect(send("905a000003aabbcc00")).toBe("91a0");
    expect(send("905a000002aabb00")).toBe("917e");
    expect(send("90710000020900" + "00")).toBe("9140");
    expect(send("9051000000")).toBe("91ae");
    expect(send("90bd0000070100000000000000")).toBe("919d");
    expect(send("9060000000").slice(-4)).toBe("91af");
    // Another command before all frames were fetched.
    expect(send("906a000000")).toBe("91ca");
    expect(send("9077000001" + "0000")).toBe("911c");
  });
});

describe.each(["00", "01", "03"] as const)("a file in mode %s", (mode) => {
  test("gives its content to the key that may read it, in several frames", async () => {
    const { reader, content, commMode } = await cardWithFile(mode);
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await reader.authenticate(1, KEY_1);
    for (const command of [0xbd, 0xad]) {
      const read = await reader.command({ command, header: fromHex("01000000000000"), mode: commMode });
      expect(toHex(read)).toBe(toHex(content));
    }
    const part = await reader.command({ command: 0xbd, header: fromHex("01020000030000"), mode: commMode });
    expect(toHex(part)).toBe("020304");
    await expect(
      reader.command({ command: 0xbd, header: fromHex("014f0000020000"), mode: commMode }),
    ).rejects.toMatchObject({ code: "card-status", status: 0x91be });
  });

  test("is refused to the wrong key and to nobody", async () => {
    const { reader, commMode } = await cardWithFile(mode);
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await expect(
      reader.command({ command: 0xbd, header: fromHex("01000000000000"), mode: "plain" }),
    ).rejects.toMatchObject({ status: 0x91ae });
    await reader.authenticate(0, ZERO);
    await expect(
      reader.command({ command: 0xbd, header: fromHex("01000000000000"), mode: commMode }),
    ).rejects.toMatchObject({ status: 0x919d });
  });
});

describe("authentication", () => {
  test("fails with the wrong key, and ends a running session", async () => {
    const { reader } = await cardWithFile("03");
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await expect(reader.authenticate(1, ZERO)).rejects.toMatchObject({ status: 0x91ae });
    await reader.authenticate(1, KEY_1);
    reader.forgetSession();
    await expect(reader.command({ command: 0x51, mode: "plain" })).rejects.toMatchObject({ status: 0x917e });
  });

  test("gives the card's number enciphered, and goes on under a second key", async () => {
    const { reader } = await cardWithFile("03");
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await reader.authenticate(1, KEY_1);
    expect(toHex(await reader.command({ command: 0x51, mode: "full" }))).toBe(toHex(UID));
    const transaction = reader.session?.transactionId;
    await reader.authenticate(0, ZERO);
    expect(reader.session?.transactionId).toEqual(transaction);
    expect(reader.session?.commandCounter).toBe(1);
    expect(toHex(await reader.command({ command: 0x64, header: Uint8Array.of(1), mode: "mac" }))).toBe("03");
  });

  test("a replayed command is refused and ends the session", async () => {
    const { reader, card } = await cardWithFile("01");
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await reader.authenticate(1, KEY_1);
    const body = reader.session?.wrapCommand({
      command: 0xbd,
      header: fromHex("01000000040000"),
      data: new Uint8Array(),
      mode: "mac",
    });
    const apdu = Uint8Array.of(0x90, 0xbd, 0, 0, body?.length ?? 0, ...(body ?? []), 0);
    expect(toHex(card.transceive(apdu)).slice(-4)).toBe("9100");
    expect(toHex(card.transceive(apdu))).toBe("911e");
    expect(toHex(card.transceive(apdu))).toBe("91ae");
  });

  test("a key changed by itself is the key from then on", async () => {
    const { reader } = await cardWithFile("00");
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await reader.authenticate(0, ZERO);
    const data = keyChangePayload({ value: KEY_1, version: 7 });
    await expect(
      reader.command({ command: 0xc4, header: Uint8Array.of(0), data, mode: "full" }),
    ).rejects.toMatchObject({ code: "malformed" });
    reader.forgetSession();
    await reader.authenticate(0, KEY_1);
    expect(toHex(await reader.command({ command: 0x64, header: Uint8Array.of(0), mode: "mac" }))).toBe("07");
  });

  test("a key change whose check does not fit is refused", async () => {
    const { reader } = await cardWithFile("00");
    await reader.command({ command: 0x5a, header: AID, mode: "plain" });
    await reader.authenticate(0, ZERO);
    const data = keyChangePayload({ value: KEY_1, version: 7 }, ZERO);
    await expect(
      reader.command({ command: 0xc4, header: Uint8Array.of(1), data, mode: "full" }),
    ).rejects.toMatchObject({ status: 0x911e });
  });
});

test("a transaction that names its reader counts up", async () => {
  const { reader } = await cardWithFile("00");
  await reader.command({ command: 0x5a, header: AID, mode: "plain" });
  await reader.authenticate(0, ZERO);
  await reader.command({
    command: 0xce,
    header: fromHex("0f01e01e02"),
    data: Uint8Array.of(...KEY_1, 1),
    mode: "full",
    answerMode: "mac",
  });
  for (const count of [1, 2]) {
    await reader.command({ command: 0xc8, data: new Uint8Array(16).fill(7), mode: "mac" });
    const answer = await reader.command({ command: 0xc7, header: Uint8Array.of(1), mode: "mac" });
    expect(answer.length).toBe(12);
    expect(toHex(answer.subarray(0, 4))).toBe(`0${count}000000`);
  }
  reader.forgetSession();
  await reader.authenticate(1, KEY_1);
  const read = await reader.command({ command: 0xbd, header: fromHex("0f000000000000"), mode: "mac" });
  expect(toHex(read.subarray(0, 4))).toBe("02000000");
});
