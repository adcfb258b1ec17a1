import { fromHex, toHex } from "@menshen/crypto";
import type { BoardView, CeremonyBoard, CeremonyCall, CustodianSet } from "@menshen/custody";
import { type CeremonyTable, type CeremonyView, custodianEndpoints } from "@menshen/wire";
import { ApiError } from "../../api/client.ts";
import type { Desk } from "./desk.ts";

/** A network that fails for a moment shall not cost all three their keys. */
const TRIES = 5;
const TRY_AGAIN_MS = 1_000;

/** Asks again where no answer came, or none that says anything; every step of a ceremony may be taken twice. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask();
    } catch (error) {
      const isPassing =
        error instanceof ApiError && ["unreachable", "unavailable", "internal"].includes(error.code);
      if (!isPassing || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}

/** How far a ceremony is, by who has done what; indices from 1. */
export interface CeremonyProgress {
  readonly state: CeremonyView["state"];
  readonly seated: readonly number[];
  /** Sent their contribution. */
  readonly contributed: readonly number[];
  /** Signed that all saw the same. */
  readonly confirmed: readonly number[];
  readonly vouched: readonly number[];
}

/** The board of one ceremony over the server's operations; tells how far it is whenever that is looked at. */
export function makeBoard(
  desk: Desk,
  id: string,
  onProgress: (progress: CeremonyProgress) => void,
): CeremonyBoard {
  const params = { id };
  const said = new Map<number, number>();
  let lastCounted = 0;
  return {
    look: async (after) => {
      const table = await insist(() => desk.call(custodianEndpoints.table, { params, query: { after } }));
      for (const { position, index } of table.messages) {
        if (position <= lastCounted) continue;
        lastCounted = position;
        said.set(index, (said.get(index) ?? 0) + 1);
      }
      onProgress(progressOf(table, said));
      return viewOf(table);
    },
    sit: async (publicKey, signature) => {
      const body = { publicKey: toHex(publicKey), signature: toHex(signature) };
      await insist(() => desk.call(custodianEndpoints.sit, { params, body }));
    },
    say: async (message) => {
      await insist(() => desk.call(custodianEndpoints.say, { params, body: { message: toHex(message) } }));
    },
    report: async ({ reason, custodians }, objection) => {
      const body = {
        reason,
        custodians: [...custodians],
        ...(objection === undefined ? {} : { objection: toHex(objection) }),
      };
      await insist(() => desk.call(custodianEndpoints.fail, { params, body }));
    },
    finish: async (certificate, vouch) => {
      const body = { certificate: toHex(certificate), vouch: toHex(vouch) };
      await insist(() => desk.call(custodianEndpoints.finish, { params, body }));
    },
  };
}

/** What a ceremony is about, as its seats are signed for it. */
export function callOf(table: CeremonyTable, set: CustodianSet): CeremonyCall {
  const { firstEpoch, epochCount } = table.ceremony;
  return {
    id: fromHex(table.ceremonyId),
    threshold: { k: set.threshold, n: set.members.length },
    firstEpoch,
    epochCount,
  };
}

function viewOf({ ceremony, seats, messages }: CeremonyTable): BoardView {
  return {
    state: ceremony.state,
    seats: seats.map(({ index, publicKey, signature, vouch, objection }) => ({
      index,
      publicKey: fromHex(publicKey),
      signature: fromHex(signature),
      ...(vouch === undefined ? {} : { vouch: fromHex(vouch) }),
      ...(objection === undefined ? {} : { objection: fromHex(objection) }),
    })),
    messages: messages.map(({ position, message }) => ({ position, message: fromHex(message) })),
  };
}

function progressOf({ ceremony, seats }: CeremonyTable, said: ReadonlyMap<number, number>): CeremonyProgress {
  const all = seats.map(({ index }) => index);
  return {
    state: ceremony.state,
    seated: all,
    contributed: all.filter((index) => (said.get(index) ?? 0) >= 1),
    confirmed: all.filter((index) => (said.get(index) ?? 0) >= 2),
    vouched: seats.filter(({ vouch }) => vouch !== undefined).map(({ index }) => index),
  };
}
