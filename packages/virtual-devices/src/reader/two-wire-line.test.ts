import {
  type LineVerdict,
  makePeripheralLine,
  type ProbedPd,
  parseScbk,
  probeLine,
  type Scbk,
} from "@menshen/osdp";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { simulatedTimers } from "../simulated-timers.ts";
import { makeTwoWireLine } from "./two-wire-line.ts";
import { makeVirtualReader, type VirtualReaderOptions } from "./virtual-reader.ts";

const key = (first: number): Scbk =>
  parseScbk(Uint8Array.from({ length: 16 }, (_, at) => (first + at * 73 + at * at * 7) & 0xff));
const KEY = key(0x1f);
const OTHER_KEY = key(0x8d);

/** A line at 9600 whose readers stand on drops of their own. */
function rig() {
  const timers = simulatedTimers();
  const line = makeTwoWireLine(timers);
  const random = seededRandom("two wires");
  const put = (options: Partial<VirtualReaderOptions> & { address: number }) => {
    const drop = line.drop(9_600);
    const peripherals = makePeripheralLine({
      transport: drop.stream,
      timers,
      random: random.branch("pd").bytes,
    });
    makeVirtualReader(peripherals, { timers, key: KEY, ...options });
    return drop;
  };
  const probe = async (pds: readonly ProbedPd[], hasSpeed = true): Promise<LineVerdict> => {
    let verdict: LineVerdict | undefined;
    const open = async (baudRate: number) => line.open(baudRate);
    void probeLine({ open, baudRate: 9_600, hasSpeed, pds, timers, random: random.bytes }).then((found) => {
      verdict = found;
    });
    for (let turn = 0; turn < 20_000 && verdict === undefined; turn++) {
      timers.advance(5);
      for (let task = 0; task < 12; task++) await Promise.resolve();
    }
    if (verdict === undefined) throw new Error("expected the probe to end");
    return verdict;
  };
  return { put, probe, timers, line };
}

const kinds = ({ pds }: LineVerdict) => pds.map(({ verdict }) => verdict);
const both: readonly ProbedPd[] = [
  { address: 1, keys: [KEY] },
  { address: 2, keys: [KEY] },
];

test("a line in order", async () => {
  const { put, probe } = rig();
  put({ address: 1 });
  put({ address: 2 });
  expect(await probe(both)).toEqual({
    line: "quiet",
    pds: [
      { address: 1, verdict: { kind: "well" } },
      { address: 2, verdict: { kind: "well" } },
    ],
  });
});

test("the bytes of a swapped pair are no frames, and it is told from a cut cable", async () => {
  const { put, probe } = rig();
  put({ address: 1 });
  const drop = put({ address: 2 });
  drop.swapped = true;
  expect(kinds(await probe(both))).toEqual([{ kind: "well" }, { kind: "pair-swapped" }]);
  drop.cut = true;
  expect(kinds(await probe(both))).toEqual([{ kind: "well" }, { kind: "silent" }]);
});

test("two readers with one address collide", async () => {
  const { put, probe } = rig();
  put({ address: 1 });
  put({ address: 2, serial: 4711 });
  put({ address: 2, serial: 4712 });
  expect(kinds(await probe(both))).toEqual([{ kind: "well" }, { kind: "address-twice", atLeast: 2 }]);
});

test.each([19_200, 38_400, 57_600, 115_200, 230_400])("a reader set to %i", async (baudRate) => {
  const { put, probe } = rig();
  put({ address: 1 });
  put({ address: 2 }).baudRate = baudRate;
  expect(kinds(await probe(both))).toEqual([{ kind: "well" }, { kind: "wrong-baud", baudRate }]);
});

test("keys: another one, none yet, and the install key beside the right one", async () => {
  const { put, probe } = rig();
  put({ address: 1, key: OTHER_KEY });
  put({ address: 2, installMode: true });
  expect(kinds(await probe(both))).toEqual([{ kind: "wrong-key" }, { kind: "install-mode" }]);
  expect(kinds(await probe([{ address: 1, keys: [] }]))).toEqual([{ kind: "no-key" }]);
});

test("a single reader that has another address", async () => {
  const { put, probe } = rig();
  put({ address: 5 });
  expect(kinds(await probe([{ address: 1, keys: [KEY] }]))).toEqual([{ kind: "wrong-address", address: 5 }]);
});

test("a line that talks by itself", async () => {
  const { put, probe, timers, line } = rig();
  put({ address: 1 });
  const noise = line.drop(9_600);
  const talk = () => {
    noise.stream.write(Uint8Array.of(0x11, 0x22));
    timers.set(37, talk);
  };
  talk();
  expect((await probe([{ address: 1, keys: [KEY] }], false)).line).toBe("noisy");
});
