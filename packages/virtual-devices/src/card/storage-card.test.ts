import {
  type CardChannel,
  CredentialError,
  countOnCard,
  openInProcessChannel,
  type SequenceStamp,
} from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { blankStorageCard, makeStorageCard, type StorageState } from "./storage-card.ts";
import type { VirtualCard } from "./virtual-card.ts";

const { fromHex, toHex } = primitives;
const UID = fromHex("04a1b2c3d4e5f6");
const CHIPS = ["ultralight", "classic-1k"] as const;

/** One gate: what it remembers, and its taps. */
function gate(seed: string, further: Partial<Parameters<typeof countOnCard>[1]> = {}) {
  const { bytes: random } = seededRandom(seed);
  let last: SequenceStamp | undefined;
  return {
    async tap(card: VirtualCard | CardChannel) {
      const channel = "reset" in card ? openInProcessChannel(card) : card;
      const reading = await countOnCard(channel, { primitives, random, uid: UID, last, ...further });
      last = reading?.written ?? last;
      return reading === undefined ? undefined : { counter: reading.counter, mark: reading.mark };
    },
  };
}

/** A card taken away at the command of that index: before the card saw it, half written, or before its answer came back. */
function torn(
  state: StorageState,
  index: number,
  when: "before" | "half" | "after",
): { channel: CardChannel; commands: () => number } {
  const inner = openInProcessChannel(makeStorageCard(state));
  let commands = 0;
  const channel: CardChannel = {
    ...inner,
    async transceive(command) {
      commands += 1;
      if (commands - 1 !== index) return inner.transceive(command);
      const before = state.memory.slice();
      if (when !== "before") await inner.transceive(command);
      if (when === "half" && command[1] === 0xd6) {
        const changed = state.memory.findIndex((byte, at) => byte !== before[at]);
        if (changed >= 0) state.memory.set(before.subarray(changed + 2, changed + 16), changed + 2);
      }
      inner.remove();
      throw new CredentialError("card-removed", "the card left the field");
    },
  };
  return { channel, commands: () => commands };
}

test("a storage card answers as through a PC/SC reader", () => {
  const ultralight = makeStorageCard(blankStorageCard("ultralight", UID));
  const send = (card: VirtualCard, hex: string) => toHex(card.transceive(fromHex(hex)));
  expect(toHex(ultralight.atr)).toBe("3b8f8001804f0ca0000003060300030000000068");
  expect(send(ultralight, "ffca000000")).toBe("04a1b2c3d4e5f69000");
  expect(send(ultralight, "ffd6000804aabbccdd")).toBe("9000");
  expect(send(ultralight, "ffb0000810")).toBe(`aabbccdd${"00".repeat(12)}9000`);
  expect(send(ultralight, "ffd6000204aabbccdd")).toBe("6a86");
  expect(send(ultralight, "ffb0000f10")).toBe("6a86");
  const classic = makeStorageCard(blankStorageCard("classic-1k", UID));
  expect(send(classic, "ffb0003c10")).toBe("6982");
  expect(send(classic, "ff820000060000000000009000".slice(0, 22))).toBe("9000");
  expect(send(classic, "ff860000050100" + "3c6000")).toBe("6300");
  expect(send(classic, "ff82000006ffffffffffff")).toBe("9000");
  expect(send(classic, "ff860000050100" + "3c6000")).toBe("9000");
  expect(send(classic, "ffb0003c10")).toBe(`${"00".repeat(16)}9000`);
  expect(send(classic, "ffb0003810")).toBe("6982");
  expect(send(classic, `ffd6003f10${"11".repeat(16)}`)).toBe("6a86");
});

describe.each(CHIPS)("the number on a blank %s", (chip) => {
  test("rises by one with each tap, at any gate", async () => {
    const card = makeStorageCard(blankStorageCard(chip, UID));
    const [north, south] = [gate("north"), gate("south")];
    expect(await north.tap(card)).toEqual({ counter: undefined, mark: undefined });
    expect(await north.tap(card)).toEqual({ counter: 1, mark: undefined });
    expect(await south.tap(card)).toEqual({ counter: 2, mark: undefined });
    expect(await north.tap(card)).toEqual({ counter: 3, mark: undefined });
  });

  test("shows a whole copy at the gate that meets both, also when both have counted equally far", async () => {
    const state = blankStorageCard(chip, UID);
    const [north, south] = [gate("north"), gate("south")];
    for (let count = 0; count < 3; count += 1) await north.tap(makeStorageCard(state));
    const copy = structuredClone(state);
    await north.tap(makeStorageCard(state));
    expect(await south.tap(makeStorageCard(copy))).toEqual({ counter: 3, mark: undefined });
    expect(await north.tap(makeStorageCard(copy))).toEqual({ counter: 4, mark: "went-back" });
    const older = structuredClone(copy);
    for (let count = 0; count < 3; count += 1) await north.tap(makeStorageCard(state));
    expect(await north.tap(makeStorageCard(older))).toMatchObject({ mark: "went-back" });
  });

  test("shows a copy of the identifier alone, and leaves it as it is", async () => {
    const north = gate("north");
    await north.tap(makeStorageCard(blankStorageCard(chip, UID)));
    const copy = blankStorageCard(chip, UID);
    const before = copy.memory.slice();
    expect(await north.tap(makeStorageCard(copy))).toEqual({ counter: undefined, mark: "missing" });
    expect(copy.memory).toEqual(before);
  });

  test("torn at any command and within any write, it goes on from the number before or the one written", async () => {
    const prepared = async (taps: number) => {
      const state = blankStorageCard(chip, UID);
      const north = gate("north");
      for (let count = 0; count < taps; count += 1) await north.tap(makeStorageCard(state));
      return { state, north };
    };
    for (const taps of [0, 1, 2, 3]) {
      const whole = await prepared(taps);
      const measured = torn(whole.state, -1, "before");
      await whole.north.tap(measured.channel);
      for (let index = 0; index < measured.commands(); index += 1) {
        for (const when of ["before", "half", "after"] as const) {
          const { state, north } = await prepared(taps);
          expect(await north.tap(torn(state, index, when).channel)).toMatchObject({ mark: "torn" });
          const next = await north.tap(makeStorageCard(state));
          const where = `${taps} taps, ${when} command ${index}`;
          if (taps > 0)
            expect([where, next?.counter]).toEqual([where, next?.counter === taps ? taps : taps + 1]);
          expect([where, next?.mark === "went-back" || next?.mark === "missing"]).toEqual([where, false]);
          // And counts on without a mark.
          await north.tap(makeStorageCard(state));
          expect((await north.tap(makeStorageCard(state)))?.mark).toBeUndefined();
        }
      }
    }
  });

  test("is not written over what somebody else keeps there", async () => {
    const state = blankStorageCard(chip, UID);
    state.memory.fill(0x5a, 16);
    const before = state.memory.slice();
    expect(await gate("north").tap(makeStorageCard(state))).toBeUndefined();
    expect(state.memory).toEqual(before);
  });

  test("says nothing on a card with another identifier", async () => {
    const state = blankStorageCard(chip, UID);
    const north = gate("north");
    for (let count = 0; count < 2; count += 1) await north.tap(makeStorageCard(state));
    const other = gate("other", { uid: fromHex("04000000000001") });
    expect(await other.tap(makeStorageCard(state))).toEqual({ counter: undefined, mark: "torn" });
  });
});

test("a sector of another key holds no number", async () => {
  const state = blankStorageCard("classic-1k", UID);
  const key = fromHex("a0b1c2d3e4f5");
  state.keys[9]?.set(key);
  const classicSector = { number: 9, key: new Uint8Array(6).fill(0xff) };
  expect(await gate("north", { classicSector }).tap(makeStorageCard(state))).toBeUndefined();
  const ours = gate("north", { classicSector: { number: 9, key } });
  expect(await ours.tap(makeStorageCard(state))).toEqual({ counter: undefined, mark: undefined });
  expect(await ours.tap(makeStorageCard(state))).toEqual({ counter: 1, mark: undefined });
  expect(toHex(state.memory.subarray(36 * 16, 36 * 16 + 8))).toBe("4d53513100000001");
});

test("whatever reader and card answer, a count comes to a value", async () => {
  const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
  const { atr } = makeStorageCard(blankStorageCard("ultralight", UID));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 24 }), { maxLength: 12 }), async (answers) => {
      const left = [...answers];
      const channel: CardChannel = {
        kind: "in-process",
        atr,
        transceive: async () => {
          const answer = left.shift() ?? new Uint8Array();
          return answer.length > 4 ? Uint8Array.of(...answer.subarray(0, 16), 0x90, 0x00) : answer;
        },
        close: async () => {},
      };
      const reading = await gate("north").tap(channel);
      expect([undefined, "torn"]).toContain(reading?.mark);
    }),
    { numRuns },
  );
});
