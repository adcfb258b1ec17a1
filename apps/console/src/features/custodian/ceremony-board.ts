import { fromHex, toHex } from "@menshen/crypto";
import type { BoardView, CeremonyBoard, CeremonyCall, CustodianSet } from "@menshen/custody";
import { type CeremonyTable, type CeremonyView, custodianEndpoints } from "@menshen/wire";
import type { Desk } from "./desk.ts";

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
      const table = await desk.call(custodianEndpoints.table, { params, query: { after } });
      for (const { position, index } of table.messages) {
        if (position <= lastCounted) continue;
        lastCounted = position;
        said.set(index, (said.get(index) ?? 0) + 1);
      }
      onProgress(progressOf(table, said));
      return viewOf(table);
    },
    sit: async (publicKey, signature) => {
      await desk.call(custodianEndpoints.sit, {
        params,
        body: { publicKey: toHex(publicKey), signature: toHex(signature) },
      });
    },
    say: async (message) => {
      await desk.call(custodianEndpoints.say, { params, body: { message: toHex(message) } });
    },
    report: async ({ reason, custodians }) => {
      await desk.call(custodianEndpoints.fail, { params, body: { reason, custodians: [...custodians] } });
    },
    finish: async (certificate, vouch) => {
      await desk.call(custodianEndpoints.finish, {
        params,
        body: { certificate: toHex(certificate), vouch: toHex(vouch) },
      });
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
    seats: seats.map(({ index, publicKey, signature, vouch }) => ({
      index,
      publicKey: fromHex(publicKey),
      signature: fromHex(signature),
      ...(vouch === undefined ? {} : { vouch: fromHex(vouch) }),
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
