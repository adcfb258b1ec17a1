import { fromHex, toHex } from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import type { PresentCard } from "../pd/peripheral-settings.ts";
import { KEY, makeRig, readerSettings } from "../rig.fixture.ts";
import { maxApduBytes } from "./card-channel.ts";

const SELECT = fromHex("00a4040007d276000085010100");
const SETTINGS = { address: 1, security: { kind: "secure-channel", key: KEY }, cardMode: 1 } as const;

/** A card that answers each APDU with its length and 9000, after the given time; APDUs of one byte at once. */
function echoCard(rig: { readonly timers: ReturnType<typeof makeRig>["timers"] }, delayMs = 0) {
  const seen: string[] = [];
  const card: PresentCard = {
    protocol: "contactless",
    csn: fromHex("04112233445566"),
    transceive(apdu) {
      seen.push(toHex(apdu));
      const answer = Uint8Array.of(apdu.length & 0xff, 0x90, 0x00);
      if (delayMs === 0 || apdu.length === 1) return Promise.resolve(answer);
      return new Promise((resolve) => {
        rig.timers.set(delayMs, () => resolve(answer));
      });
    },
    released: () => seen.push("released"),
  };
  return { card, seen };
}

async function rigWithCard(delayMs = 0, more: Parameters<typeof readerSettings>[1] = {}) {
  const rig = makeRig({ pds: [SETTINGS] });
  const reader = rig.readers.add(readerSettings(1, more));
  await rig.timers.advance(0);
  const { card, seen } = echoCard(rig, delayMs);
  reader.insertCard(card);
  await rig.timers.advance(60);
  return { ...rig, reader, card, seen };
}

describe("a card at a reader in mode 1", () => {
  test("is reported, passes APDUs and is let go", async () => {
    const { bus, events, seen } = await rigWithCard();
    expect(events.at(-1)).toEqual({
      kind: "xrd",
      address: 1,
      secure: true,
      report: { kind: "card-present", reader: 0, status: "contactless" },
    });
    const channel = bus.openCard(1);
    expect(channel.kind).toBe("osdp-xwr");
    expect(toHex(await channel.transceive(SELECT))).toBe("0d9000");
    expect(toHex(await channel.transceive(Uint8Array.of(0x90, 0x71)))).toBe("029000");
    await channel.close();
    await channel.close();
    expect(seen).toEqual([toHex(SELECT), "9071", "released"]);
    await expect(channel.transceive(SELECT)).rejects.toMatchObject({ code: "card-gone" });
  });

  test("APDUs sent together go one after the other", async () => {
    const { bus, timers, seen } = await rigWithCard(20);
    const channel = bus.openCard(1);
    const answers = Promise.all([2, 3, 4].map((length) => channel.transceive(new Uint8Array(length))));
    await timers.advance(100);
    expect((await answers).map((answer) => answer[0])).toEqual([2, 3, 4]);
    expect(seen).toEqual(["0000", "000000", "00000000"]);
  });

  test("a slow card is acknowledged and its answer fetched by quick polls", async () => {
    const { bus, timers } = await rigWithCard(350);
    const channel = bus.openCard(1);
    const answer = channel.transceive(SELECT);
    await timers.advance(355);
    expect(toHex(await answer)).toBe("0d9000");
  });

  test("a card that does not answer costs the channel, and its late answer is nobody's", async () => {
    const { bus, timers, events } = await rigWithCard(2_100);
    const channel = bus.openCard(1);
    const answer = channel.transceive(SELECT).catch((error: unknown) => error);
    await timers.advance(2_010);
    expect(await answer).toMatchObject({ code: "card-timeout" });
    await expect(channel.transceive(SELECT)).rejects.toMatchObject({ code: "card-gone" });
    await channel.close();
    events.length = 0;
    const next = bus.openCard(1);
    const second = next.transceive(Uint8Array.of(1));
    await timers.advance(500);
    expect(events).toEqual([]);
    await expect(second).resolves.toEqual(Uint8Array.of(1, 0x90, 0));
  });

  test("a card that leaves in the middle is gone, and that is reported", async () => {
    const { bus, timers, reader, events } = await rigWithCard(1_000);
    const channel = bus.openCard(1);
    const answer = channel.transceive(SELECT).catch((error: unknown) => error);
    await timers.advance(200);
    reader.removeCard();
    await timers.advance(60);
    expect(await answer).toMatchObject({ code: "card-gone" });
    expect(events.at(-1)).toMatchObject({ kind: "xrd", report: { kind: "card-present", status: "absent" } });
  });

  test("without a card the first APDU says so", async () => {
    const rig = makeRig({ pds: [SETTINGS] });
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    await expect(rig.bus.openCard(1).transceive(SELECT)).rejects.toMatchObject({ code: "card-gone" });
  });

  test("a reader that goes offline ends the dialogue at once", async () => {
    const { bus, line, timers } = await rigWithCard(1_000);
    const channel = bus.openCard(1);
    const answer = channel.transceive(SELECT).catch((error: unknown) => error);
    await timers.advance(150);
    line.setConnected(false);
    expect(await answer).toMatchObject({ code: "reader-offline" });
    expect(() => bus.openCard(1)).toThrow("reader 1 is offline");
  });

  test("a reader that knows no XWR refuses", async () => {
    const rig = makeRig();
    rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    // Mode 0: the reader passes no APDUs.
    await expect(rig.bus.openCard(1).transceive(SELECT)).rejects.toMatchObject({ code: "card-refused" });
  });

  test("one channel a reader at a time", async () => {
    const { bus } = await rigWithCard();
    const channel = bus.openCard(1);
    expect(() => bus.openCard(1)).toThrow("a card channel to reader 1 is open");
    await channel.close();
    expect(() => bus.openCard(1)).not.toThrow();
  });

  test("APDUs up to the reader's buffer pass, longer ones are refused before they are sent", async () => {
    const { bus } = await rigWithCard();
    const channel = bus.openCard(1);
    expect(channel.maxApduBytes).toBe(1_420);
    await expect(channel.transceive(new Uint8Array(1_420))).resolves.toHaveLength(3);
    await expect(channel.transceive(new Uint8Array(1_421))).rejects.toMatchObject({ code: "apdu-too-long" });
    await expect(channel.transceive(SELECT)).resolves.toHaveLength(3);
  });

  test.each([
    ["nothing said", [], 108],
    ["256 bytes", [{ function: 10, compliance: 0, items: 1 }], 236],
    ["1440 bytes", [{ function: 10, compliance: 0xa0, items: 5 }], 1_420],
    ["an impossible 5 bytes", [{ function: 10, compliance: 5, items: 0 }], 108],
    ["an impossible 65535 bytes", [{ function: 10, compliance: 255, items: 255 }], 1_420],
  ])("with %s the limit is right", (_, capabilities, expected) => {
    expect(maxApduBytes(capabilities)).toBe(expected);
  });

  test("a dialogue keeps the line ahead of another reader's polls", async () => {
    const other = { address: 2, security: { kind: "secure-channel", key: KEY }, pollIntervalMs: 1 } as const;
    const rig = makeRig({ pds: [SETTINGS, other] });
    const reader = rig.readers.add(readerSettings(1));
    rig.readers.add(readerSettings(2));
    await rig.timers.advance(5);
    reader.insertCard(echoCard(rig).card);
    await rig.timers.advance(60);
    const channel = rig.bus.openCard(1);
    rig.line.sentByPanel.length = 0;
    for (let i = 0; i < 5; i += 1) await channel.transceive(SELECT);
    const addresses = rig.line.sentByPanel.map((bytes) => bytes[1]);
    expect(addresses.slice(0, 5)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe("mode 0", () => {
  test("reports a card by its number, as RAW or, when asked for, as card information", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    const { card } = echoCard(rig);
    reader.insertCard(card);
    await rig.timers.advance(60);
    expect(rig.events.at(-1)).toMatchObject({
      kind: "card-raw",
      bitCount: 56,
      bits: fromHex("04112233445566"),
    });
    await expect(rig.bus.setMode(1, 0, 1)).resolves.toMatchObject({ accepted: true });
    await expect(rig.bus.xwr(1, { kind: "get-mode" })).resolves.toEqual({
      accepted: true,
      reply: { kind: "xrd", report: { kind: "mode", mode: 0, config: 1 } },
    });
    reader.insertCard(card);
    await rig.timers.advance(60);
    expect(rig.events.at(-1)).toMatchObject({
      kind: "xrd",
      report: { kind: "card-information", protocol: "contactless", csn: fromHex("04112233445566") },
    });
  });

  test("is left for mode 1, where a scan says whether a card is there", async () => {
    const rig = makeRig();
    const reader = rig.readers.add(readerSettings(1));
    await rig.timers.advance(0);
    await expect(rig.bus.xwr(1, { kind: "scan", reader: 0 })).resolves.toMatchObject({
      accepted: false,
      reason: "nak",
    });
    await rig.bus.setMode(1, 1);
    const scanned = async () => {
      const outcome = await rig.bus.xwr(1, { kind: "scan", reader: 0 });
      return outcome.accepted && outcome.reply.kind === "xrd" ? outcome.reply.report : undefined;
    };
    expect(await scanned()).toEqual({ kind: "card-present", reader: 0, status: "absent" });
    reader.insertCard(echoCard(rig).card);
    expect(await scanned()).toEqual({ kind: "card-present", reader: 0, status: "contactless" });
    await expect(rig.bus.xwr(1, { kind: "set-mode", mode: 7, config: 0 })).resolves.toMatchObject({
      accepted: false,
    });
  });
});
