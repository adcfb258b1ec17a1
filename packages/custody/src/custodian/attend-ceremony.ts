import { type RandomBytes, RistrettoElement } from "@menshen/crypto";
import {
  abandonCeremony,
  beginCeremony,
  type CeremonyFault,
  type CeremonyState,
  makeCeremonyKey,
  receiveMessage,
} from "../ceremony.ts";
import { type CeremonyCall, signSeat, verifySeat } from "../ceremony-seat.ts";
import type { CeremonySetup } from "../ceremony-setup.ts";
import type { CustodianSet } from "../custodian-set.ts";
import { objectedSeats, objectToSeats, type ShownSeat } from "../seat-objection.ts";
import { verifyVouch, vouchFor } from "../vouch.ts";

/** The board as a custodian's program sees it. Whoever keeps it is believed in nothing. */
export interface BoardView {
  readonly state: "gathering" | "running" | "finished" | "failed";
  readonly seats: readonly {
    readonly index: number;
    /** 32 bytes. */
    readonly publicKey: Uint8Array;
    readonly signature: Uint8Array;
    readonly vouch?: Uint8Array;
    /** What its custodian was shown in place of a seat, signed by it. */
    readonly objection?: Uint8Array;
  }[];
  /** Those behind the position that was asked for, in their order. */
  readonly messages: readonly { readonly position: number; readonly message: Uint8Array }[];
}

/** How a program reaches the board; each may fail, and then the ceremony fails for this program. */
export interface CeremonyBoard {
  readonly look: (after: number) => Promise<BoardView>;
  readonly sit: (publicKey: Uint8Array, signature: Uint8Array) => Promise<void>;
  readonly say: (message: Uint8Array) => Promise<void>;
  /** With the objection where a seat was forged. */
  readonly report: (fault: ReportedFault, objection?: Uint8Array) => Promise<void>;
  readonly finish: (certificate: Uint8Array, vouch: Uint8Array) => Promise<void>;
}

/** What a program tells the board of why it stopped. */
export interface ReportedFault {
  readonly reason: CeremonyFault["reason"] | "seat-forged" | "seat-disputed";
  /** By index from 1. */
  readonly custodians: readonly number[];
}

type Finished = Extract<CeremonyState, { readonly phase: "finished" }>;

/** How a ceremony ended for this program. */
export type Attendance =
  | { readonly finished: true; readonly outcome: Finished }
  | {
      readonly finished: false;
      /**
       * A fault of the protocol; `absent`: not all came; `seat-forged`: the board shows a key that its custodian did not
       * sign; `seat-disputed`: another custodian signed that it was shown such a key, and this program was shown a good one:
       * that custodian or the board lies; `unvouched`: the keys were made and not all vouched; `called-off`: the board
       * ended it.
       */
      readonly reason: ReportedFault["reason"] | "absent" | "unvouched" | "called-off";
      /** Who is to answer for it, by index from 1. */
      readonly custodians: readonly number[];
    };

/**
 * Takes part in one ceremony, from sitting down to the last vouch.
 *
 * @param input.index the program's place in the set, from 1
 * @param input.secretKey the 32-byte seed of its identity key
 * @param input.keep writes the shares durably; the program vouches only after that
 * @param input.random the operating system's generator
 * @param input.pause waits a moment before the board is looked at again
 * @param input.looks how often the board is looked at without anything new before the program gives up: while the others
 *   come, and while they work
 */
export async function attendCeremony(input: {
  readonly board: CeremonyBoard;
  readonly call: CeremonyCall;
  readonly set: CustodianSet;
  readonly index: number;
  readonly secretKey: Uint8Array;
  readonly keep: (outcome: Finished) => Promise<void>;
  readonly random: RandomBytes;
  readonly pause: () => Promise<void>;
  readonly looks: { readonly gathering: number; readonly running: number };
}): Promise<Attendance> {
  const { board, call, set, index, secretKey, keep, random, pause, looks } = input;
  const { n } = call.threshold;
  const all = Array.from({ length: n }, (_, position) => position + 1);
  const own = makeCeremonyKey(random);
  await board.sit(own.publicKey.toBytes(), signSeat(secretKey, call, index, own.publicKey));

  let view = await board.look(0);
  for (let look = 1; view.state === "gathering"; look += 1) {
    if (look > looks.gathering) {
      const custodians = all.filter((one) => !view.seats.some((seat) => seat.index === one));
      return { finished: false, reason: "absent", custodians };
    }
    await pause();
    view = await board.look(0);
  }
  if (view.state !== "running") return { finished: false, reason: "called-off", custodians: [] };

  const seats = all.map((one) => view.seats.find((seat) => seat.index === one));
  const keys = seats.map((seat) => (seat === undefined ? undefined : RistrettoElement.parse(seat.publicKey)));
  const forged = all.filter((one) => {
    const [seat, key, member] = [seats[one - 1], keys[one - 1], set.members[one - 1]];
    if (seat === undefined || key === undefined || member === undefined) return true;
    if (one === index && !key.equals(own.publicKey)) return true;
    return !verifySeat(member.identityKey, call, one, key, seat.signature);
  });
  if (forged.length > 0) {
    const shown = forged.map((place): ShownSeat => {
      const seat = seats[place - 1];
      return seat === undefined ? { place } : { place, seat };
    });
    const fault = { reason: "seat-forged", custodians: forged } as const;
    await board.report(fault, objectToSeats(secretKey, call, index, shown));
    return { finished: false, ...fault };
  }
  const setup: CeremonySetup = { ...call, custodians: keys.flatMap((key) => key ?? []) };

  const first = beginCeremony({ setup, secretKey: own.secretKey, random });
  let { state } = first;
  for (const message of first.send) await board.say(message);
  let after = 0;
  let idle = 0;
  while (state.phase === "contributing" || state.phase === "confirming") {
    const news = await board.look(after);
    // Who objects says nothing more: without this it would be named as vanished.
    const objectors = all.filter((one) => {
      const objection = news.seats.find((seat) => seat.index === one)?.objection;
      return (
        one !== index && objection !== undefined && objectedSeats(objection, call, set, one) !== undefined
      );
    });
    if (objectors.length > 0) {
      const fault = { reason: "seat-disputed", custodians: objectors } as const;
      await board.report(fault);
      return { finished: false, ...fault };
    }
    idle = news.messages.length === 0 ? idle + 1 : 0;
    for (const { position, message } of news.messages) {
      after = Math.max(after, position);
      const step = receiveMessage(state, message);
      ({ state } = step);
      for (const answer of step.send) await board.say(answer);
    }
    if (state.phase !== "contributing" && state.phase !== "confirming") break;
    // Others may have stopped and said why: their evidence stands on the board and has been read by now.
    if (idle > looks.running || (news.state === "failed" && news.messages.length === 0)) {
      ({ state } = abandonCeremony(state));
      break;
    }
    if (news.messages.length === 0) await pause();
  }
  if (state.phase === "stopped") {
    await board.report(state.fault);
    return { finished: false, reason: state.fault.reason, custodians: state.fault.custodians };
  }
  if (state.phase !== "finished") return { finished: false, reason: "called-off", custodians: [] };

  await keep(state);
  await board.finish(state.certificate, vouchFor(secretKey, setup));
  for (let look = 1; ; look += 1) {
    view = await board.look(after);
    const silent = all.filter((one) => {
      const vouch = view.seats.find((seat) => seat.index === one)?.vouch;
      const member = set.members[one - 1];
      return vouch === undefined || member === undefined || !verifyVouch(member.identityKey, setup, vouch);
    });
    if (silent.length === 0) return { finished: true, outcome: state };
    if (look > looks.running || view.state === "failed") {
      return { finished: false, reason: "unvouched", custodians: silent };
    }
    await pause();
  }
}
