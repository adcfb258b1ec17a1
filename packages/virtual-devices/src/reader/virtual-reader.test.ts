import { authenticateCard, encodeWiegand, openInProcessChannel } from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { parseScbk } from "@menshen/osdp";
import { describe, expect, test } from "vitest";
import { cardFromProfile } from "../card/card-profile.ts";
import { personaliseCard } from "../card/personalise.ts";
import { seededRandom } from "../random.ts";
import { makeTestBus } from "./bus.test-support.ts";
import { makeVirtualReader, type ReaderEvent } from "./virtual-reader.ts";

const KEY = parseScbk(primitives.fromHex("9b3c5f0e8a7d4612c05e7713fa29b8d4"));
const UID = primitives.fromHex("04a1b2c3d4e5f6");
const GROUP_KEY = primitives.fromHex("00112233445566778899aabbccddeeff");

function readerOnBus(cardMode?: 1) {
  const settings = { address: 3, security: { kind: "secure-channel", key: KEY } } as const;
  const made = makeTestBus([cardMode === undefined ? settings : { ...settings, cardMode }]);
  const seen: ReaderEvent[] = [];
  const reader = makeVirtualReader(made.line, {
    address: 3,
    key: KEY,
    timers: made.timers,
    onEvent: (event) => seen.push(event),
  });
  return { ...made, reader, seen };
}

async function issuedCard() {
  const random = seededRandom("reader test");
  const { card } = cardFromProfile({ kind: "desfire", uid: primitives.toHex(UID) }, random.bytes);
  const keys = [{ number: 1, version: 1, value: GROUP_KEY }];
  await personaliseCard(openInProcessChannel(card), { kind: "desfire", uid: UID, keys }, random.bytes);
  return card;
}

test("comes online secured, and tells who it is", async () => {
  const { run, of, reader } = readerOnBus();
  await run(1_000);
  expect(of("online")).toMatchObject([{ address: 3, secure: true, identity: { model: 1, serial: 3 } }]);
  expect(reader.link).toEqual({ online: true, secure: true, key: "scbk" });
});

test("passes the dialogue of a card through, and lets it go when the panel is done", async () => {
  const { run, of, reader, bus } = readerOnBus(1);
  const card = await issuedCard();
  await run(1_000);
  const held = reader.hold(card);
  await run(200);
  expect(of("xrd")).toMatchObject([
    { secure: true, report: { kind: "card-present", status: "contactless" } },
  ]);
  const channel = bus.openCard(3);
  const reading = authenticateCard(channel, {
    primitives,
    doorGroup: 1,
    random: seededRandom("door").bytes,
    keyFor: () => ({ number: 1, keyVersion: 1, key: GROUP_KEY }),
  });
  await run(1_000);
  expect(await reading).toMatchObject({
    outcome: "presented",
    presentation: { kind: "desfire", grade: "B" },
  });
  const closed = channel.close();
  await run(200);
  await closed;
  expect(await held).toBe("released");
});

test("a card taken away in mid-dialogue is reported as gone", async () => {
  const { run, reader, bus } = readerOnBus(1);
  const card = await issuedCard();
  await run(1_000);
  const held = reader.hold(card);
  await run(200);
  const channel = bus.openCard(3);
  reader.take();
  expect(await held).toBe("taken");
  const answer = expect(channel.transceive(primitives.fromHex("9060000000"))).rejects.toMatchObject({
    code: "card-gone",
  });
  await run(500);
  await answer;
});

test("a card nobody asks about is taken away again", async () => {
  const { run, reader } = readerOnBus();
  await run(1_000);
  const held = reader.hold(await issuedCard(), { longestMs: 2_000 });
  await run(2_100);
  expect(await held).toBe("waited");
});

describe("bare numbers", () => {
  test("a card that is only a number, and a Wiegand frame", async () => {
    const { run, of, reader } = readerOnBus(1);
    await run(1_000);
    await reader.hold(cardFromProfile({ kind: "uid", uid: "deadbeef" }).card);
    reader.swipe(encodeWiegand({ format: 26, facility: 12, cardNumber: 345 }));
    await run(500);
    expect(of("card-raw")).toMatchObject([
      { format: 0, bitCount: 32, bits: primitives.fromHex("deadbeef"), secure: true },
      { format: 1, bitCount: 26, bits: primitives.fromHex("0600ac80") },
    ]);
  });

  test("keys as they are typed", async () => {
    const { run, of, reader } = readerOnBus();
    await run(1_000);
    reader.type("12 34#*");
    await run(500);
    expect(of("keypad")).toMatchObject([{ digits: primitives.fromHex("313233340d7f") }]);
  });
});

test("shows what the panel wants shown, for as long as it wants", async () => {
  const { run, reader, bus, seen } = readerOnBus();
  await run(1_000);
  const pattern = { onTicks: 1, offTicks: 0, onColour: 1, offColour: 0 };
  const done = bus.led(3, [
    {
      reader: 0,
      led: 0,
      temporary: { ...pattern, onColour: 2, control: 2, timerTicks: 10 },
      permanent: { ...pattern, control: 1 },
    },
  ]);
  await run(100);
  expect(await done).toMatchObject({ accepted: true });
  expect(reader.lamp).toEqual({ colour: 2 });
  await run(1_000);
  expect(reader.lamp).toEqual({ colour: 1 });
  const beep = bus.buzzer(3, { reader: 0, tone: 2, onTicks: 1, offTicks: 1, repeat: 2 });
  await run(100);
  await beep;
  expect(seen.filter(({ kind }) => kind === "buzzer")).toMatchObject([{ control: { tone: 2, repeat: 2 } }]);
});

test("tells of tampering, and goes missing when pulled off its bus", async () => {
  const { run, of, reader } = readerOnBus();
  await run(1_000);
  reader.setTamper(true);
  await run(200);
  expect(of("tamper")).toMatchObject([{ cause: "reported", active: true }]);
  reader.setPulled(true);
  await run(9_000);
  expect(of("offline")).toMatchObject([{ reason: "no-reply" }]);
  reader.setPulled(false);
  await run(6_000);
  expect(of("online")).toHaveLength(2);
});

test("a reader with another key is never served", async () => {
  const made = makeTestBus([{ address: 3, security: { kind: "secure-channel", key: KEY } }]);
  const other = parseScbk(primitives.fromHex("00000000000000000000000000000042"));
  makeVirtualReader(made.line, { address: 3, key: other, timers: made.timers });
  await made.run(3_000);
  expect(made.of("online")).toEqual([]);
  expect(made.of("offline")).toMatchObject([{ reason: "key-mismatch" }]);
});

test("a reader from the box gets its key in an install window, once", async () => {
  const made = makeTestBus([{ address: 3, security: { kind: "secure-channel", key: KEY } }]);
  const seen: ReaderEvent[] = [];
  makeVirtualReader(made.line, { address: 3, timers: made.timers, onEvent: (event) => seen.push(event) });
  made.bus.openInstallWindow(3, 60_000);
  await made.run(8_000);
  expect(seen.filter(({ kind }) => kind === "key-set")).toEqual([{ kind: "key-set", key: KEY }]);
  expect(made.of("online")).toMatchObject([{ secure: true }]);
});
