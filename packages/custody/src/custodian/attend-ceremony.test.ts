import { ed25519FromSecret, RistrettoElement } from "@menshen/crypto";
import { describe, expect, it } from "vitest";
import {
  type CustodianSet,
  CustodyError,
  makeCeremonyKey,
  objectedSeats,
  objectToSeats,
  signSeat,
  verifyVouchedCertificate,
} from "../index.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import {
  type Attendance,
  attendCeremony,
  type BoardView,
  type CeremonyBoard,
  type ReportedFault,
} from "./attend-ceremony.ts";

const random = seededRandom("attend");
const seed = (fill: number) => new Uint8Array(32).fill(fill);
const set: CustodianSet = {
  version: 1,
  threshold: 2,
  members: ["committee", "property", "city"].map((body, i) => ({
    body,
    identityKey: ed25519FromSecret(seed(i + 1)).publicKey,
  })),
};
const call = { id: seed(0x77), threshold: { k: 2, n: 3 }, firstEpoch: 4, epochCount: 1 };

interface Seat {
  readonly index: number;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  vouch?: Uint8Array;
  objection?: Uint8Array;
}
/** What one custodian sees in place of what stands there. */
interface Tricks {
  readonly says?: (message: Uint8Array, from: number) => readonly Uint8Array[];
  readonly shows?: (view: BoardView, to: number) => BoardView;
  readonly keeps?: (index: number) => void;
  readonly vouches?: (vouch: Uint8Array, from: number) => Uint8Array | undefined;
}

/** A board in memory; everything happens in turns, without time. */
function makeBoard(tricks: Tricks = {}) {
  const seats: Seat[] = [];
  const messages: { position: number; message: Uint8Array }[] = [];
  const reports: (ReportedFault & { readonly from: number })[] = [];
  const certificates: Uint8Array[] = [];
  let failed = false;
  const reach = (index: number): CeremonyBoard => ({
    async look(after) {
      const all = seats.length === 3;
      const done = seats.length === 3 && seats.every(({ vouch }) => vouch !== undefined);
      const state = failed ? "failed" : done ? "finished" : all ? "running" : "gathering";
      const view: BoardView = {
        state,
        seats: seats.toSorted((a, b) => a.index - b.index),
        messages: messages.filter(({ position }) => position > after),
      };
      return tricks.shows?.(view, index) ?? view;
    },
    async sit(publicKey, signature) {
      seats.push({ index, publicKey, signature });
    },
    async say(message) {
      for (const said of tricks.says?.(message, index) ?? [message]) {
        messages.push({ position: messages.length + 1, message: said });
      }
    },
    async report(fault, objection) {
      reports.push({ ...fault, from: index });
      const seat = seats.find((one) => one.index === index);
      if (seat !== undefined && objection !== undefined) seat.objection = objection;
      failed = true;
    },
    async finish(certificate, vouch) {
      certificates.push(certificate);
      const given = tricks.vouches === undefined ? vouch : tricks.vouches(vouch, index);
      const seat = seats.find((one) => one.index === index);
      if (seat !== undefined && given !== undefined) seat.vouch = given;
    },
  });
  return { reach, reports, certificates, seats };
}

async function attend(board: ReturnType<typeof makeBoard>, who: readonly number[], tricks: Tricks = {}) {
  const kept: number[] = [];
  const ends = await Promise.all(
    who.map(
      (index): Promise<Attendance | string> =>
        attendCeremony({
          board: board.reach(index),
          call,
          set,
          index,
          secretKey: seed(index),
          keep: async () => {
            tricks.keeps?.(index);
            kept.push(index);
          },
          random,
          pause: () => new Promise((resolve) => setImmediate(resolve)),
          looks: { gathering: 20, running: 20 },
        }).catch((error: unknown) => String(error)),
    ),
  );
  return { ends, kept };
}

it("three custodians make keys, each keeps its share before it vouches", async () => {
  const board = makeBoard({
    vouches: (vouch, from) => {
      expect(kept).toContain(from);
      return vouch;
    },
  });
  const kept: number[] = [];
  const { ends } = await attend(board, [1, 2, 3], { keeps: (index) => kept.push(index) });
  expect(ends.map((end) => typeof end === "object" && end.finished)).toEqual([true, true, true]);
  const [certificate = new Uint8Array()] = board.certificates;
  const vouches = board.seats
    .toSorted((a, b) => a.index - b.index)
    .map(({ vouch = new Uint8Array() }) => vouch);
  const verdict = verifyVouchedCertificate(set, certificate, vouches);
  expect(verdict.valid && verdict.keys.map(({ epoch }) => epoch)).toEqual([4]);
});

describe("who spoils it is named", () => {
  it("one who does not come", async () => {
    const { ends } = await attend(makeBoard(), [1, 3]);
    expect(ends).toEqual([1, 3].map(() => ({ finished: false, reason: "absent", custodians: [2] })));
  });

  it("one who vanishes after sitting down", async () => {
    const board = makeBoard({ says: (message, from) => (from === 2 ? [] : [message]) });
    const { ends } = await attend(board, [1, 2, 3]);
    expect(ends[0]).toEqual({ finished: false, reason: "vanished", custodians: [2] });
    expect(ends[2]).toEqual({ finished: false, reason: "vanished", custodians: [2] });
  });

  it("one who vanishes after the contributions", async () => {
    let count = 0;
    const says = (message: Uint8Array, from: number) => {
      if (from !== 3) return [message];
      count += 1;
      return count > 1 ? [] : [message];
    };
    const { ends, kept } = await attend(makeBoard({ says }), [1, 2, 3]);
    expect(ends.slice(0, 2)).toEqual(
      [1, 2].map(() => ({ finished: false, reason: "vanished", custodians: [3] })),
    );
    expect(kept).not.toContain(1);
  });

  it("one who does not vouch in the end", async () => {
    const board = makeBoard({ vouches: (vouch, from) => (from === 1 ? undefined : vouch) });
    const { ends } = await attend(board, [1, 2, 3]);
    expect(ends[1]).toEqual({ finished: false, reason: "unvouched", custodians: [1] });
  });

  it("one whose vouch is for nothing", async () => {
    const board = makeBoard({ vouches: (vouch, from) => (from === 3 ? seed(1) : vouch) });
    const { ends } = await attend(board, [1, 2, 3]);
    expect(ends[0]).toEqual({ finished: false, reason: "unvouched", custodians: [3] });
  });
});

describe("a board that lies", () => {
  it("about whose key it is, is found out before anything is said", async () => {
    const stranger = RistrettoElement.base.toBytes();
    const shows = (view: BoardView, to: number): BoardView => ({
      ...view,
      seats: view.seats.map((seat) =>
        to === 1 && seat.index === 2 ? { ...seat, publicKey: stranger } : seat,
      ),
    });
    const board = makeBoard({ shows });
    const { ends } = await attend(board, [1, 2, 3]);
    expect(ends[0]).toEqual({ finished: false, reason: "seat-forged", custodians: [2] });
    // The others do not take the one who stopped for vanished: it signed what it was shown.
    const disputed = { finished: false, reason: "seat-disputed", custodians: [1] };
    expect(ends.slice(1)).toEqual([disputed, disputed]);
    expect(board.reports.map(({ reason, from }) => [from, reason])).toEqual([
      [1, "seat-forged"],
      [2, "seat-disputed"],
      [3, "seat-disputed"],
    ]);
    const objection = board.seats.find(({ index }) => index === 1)?.objection ?? new Uint8Array();
    expect(objectedSeats(objection, call, set, 1)).toEqual([2]);
  });

  it("cannot make somebody's objection, nor turn it into another's", async () => {
    const forged = (view: BoardView, to: number): BoardView => ({
      ...view,
      seats: view.seats.map((seat) =>
        to === 3 && seat.index === 1
          ? { ...seat, objection: objectToSeats(seed(9), call, 1, [{ place: 2 }]) }
          : seat,
      ),
    });
    const { ends } = await attend(makeBoard({ shows: forged }), [1, 2, 3]);
    expect(ends.every((end) => typeof end === "object" && end.finished)).toBe(true);
  });

  it("about one's own key, too", async () => {
    const shows = (view: BoardView, to: number): BoardView => ({
      ...view,
      seats: view.seats.map((seat) =>
        to === 1 && seat.index === 1 ? { ...seat, publicKey: RistrettoElement.base.toBytes() } : seat,
      ),
    });
    const { ends } = await attend(makeBoard({ shows }), [1, 2, 3]);
    expect(ends[0]).toEqual({ finished: false, reason: "seat-forged", custodians: [1] });
  });

  it("about what was said moves nothing: unsigned words are no words", async () => {
    const says = (message: Uint8Array) => {
      const changed = message.slice();
      changed[100] = (changed[100] ?? 0) ^ 1;
      return [changed, new Uint8Array(9), message];
    };
    const { ends } = await attend(makeBoard({ says }), [1, 2, 3]);
    expect(ends.every((end) => typeof end === "object" && end.finished)).toBe(true);
  });

  it("that ends it is believed: then there are no keys", async () => {
    const shows = (view: BoardView): BoardView =>
      view.seats.length === 3 ? { ...view, state: "failed" } : view;
    const { ends } = await attend(makeBoard({ shows }), [1, 2, 3]);
    expect(ends[0]).toEqual({ finished: false, reason: "called-off", custodians: [] });
  });
});

it("a share that cannot be written is vouched for by nobody", async () => {
  const board = makeBoard();
  const keeps = (index: number) => {
    if (index === 2) throw new CustodyError("invalid-argument", "the disk is full");
  };
  const { ends } = await attend(board, [1, 2, 3], { keeps });
  expect(ends[1]).toBe("CustodyError: the disk is full");
  expect(board.seats.find(({ index }) => index === 2)).not.toHaveProperty("vouch");
});

describe("an objection to seats", () => {
  const { publicKey } = makeCeremonyKey(random);
  const good = { publicKey: publicKey.toBytes(), signature: signSeat(seed(2), call, 2, publicKey) };
  const bad = { ...good, signature: new Uint8Array(64).fill(7) };
  const objection = objectToSeats(seed(1), call, 1, [{ place: 2, seat: bad }]);

  it("stands where the seat is not signed by whose it is to be, or was not shown", () => {
    expect(objectedSeats(objection, call, set, 1)).toEqual([2]);
    const two = objectToSeats(seed(1), call, 1, [{ place: 1, seat: good }, { place: 3 }]);
    expect(objectedSeats(two, call, set, 1)).toEqual([1, 3]);
  });

  it("does not stand against a seat that was signed: nobody is accused with what they did right", () => {
    const wrong = objectToSeats(seed(1), call, 1, [{ place: 2, seat: good }]);
    expect(objectedSeats(wrong, call, set, 1)).toBeUndefined();
  });

  it("is of one custodian and one ceremony, whole and in one spelling", () => {
    expect(objectedSeats(objection, call, set, 2)).toBeUndefined();
    expect(objectedSeats(objection, call, set, 4)).toBeUndefined();
    expect(objectedSeats(objection, { ...call, id: seed(0x78) }, set, 1)).toBeUndefined();
    for (let at = 0; at < objection.length; at += 1) {
      const flipped = objection.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(objectedSeats(flipped, call, set, 1), `byte ${at}`).toBeUndefined();
      expect(objectedSeats(objection.subarray(0, at), call, set, 1)).toBeUndefined();
    }
    expect(objectedSeats(Uint8Array.from([...objection, 0]), call, set, 1)).toBeUndefined();
    for (const places of [[2, 2], [3, 2], [4], [0]]) {
      const shown = places.map((place) => ({ place }));
      expect(objectedSeats(objectToSeats(seed(1), call, 1, shown), call, set, 1)).toBeUndefined();
    }
    expect(() => objectToSeats(seed(1), call, 1, [])).toThrow(CustodyError);
  });
});
