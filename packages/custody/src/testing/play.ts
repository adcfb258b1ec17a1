import type { RandomBytes } from "@menshen/crypto";
import {
  beginCeremony,
  type CeremonyKey,
  type CeremonySetup,
  type CeremonyState,
  type EpochKey,
  type KeyShare,
  makeCeremonyKey,
  receiveMessage,
  type Threshold,
} from "../index.ts";
import { seededRandom } from "./seeded-random.ts";

/** A setup with its custodians' keys. */
export function makeTable(options: {
  readonly threshold: Threshold;
  readonly epochCount: number;
  readonly random: RandomBytes;
}): { readonly setup: CeremonySetup; readonly keys: readonly CeremonyKey[] } {
  const { threshold, epochCount, random } = options;
  const keys = Array.from({ length: threshold.n }, () => makeCeremonyKey(random));
  const custodians = keys.map((key) => key.publicKey);
  return { setup: { id: random(32), threshold, firstEpoch: 7, epochCount, custodians }, keys };
}

/** Changes or drops what one custodian sends to another; both count from 1. */
export type Tamper = (message: Uint8Array, from: number, to: number) => Uint8Array | undefined;

/** Plays until nobody has anything more to say. */
export function play(
  setup: CeremonySetup,
  keys: readonly CeremonyKey[],
  random: RandomBytes,
  tamper: Tamper = (message) => message,
): readonly CeremonyState[] {
  const players: { state: CeremonyState }[] = [];
  const post: { readonly from: number; readonly message: Uint8Array }[] = [];
  for (const [position, { secretKey }] of keys.entries()) {
    const step = beginCeremony({ setup, secretKey, random });
    players.push({ state: step.state });
    for (const message of step.send) post.push({ from: position + 1, message });
  }
  for (let letter = post.shift(); letter !== undefined; letter = post.shift()) {
    for (const [position, player] of players.entries()) {
      const message =
        position + 1 === letter.from ? undefined : tamper(letter.message, letter.from, position + 1);
      if (message === undefined) continue;
      const step = receiveMessage(player.state, message);
      player.state = step.state;
      for (const answer of step.send) post.push({ from: position + 1, message: answer });
    }
  }
  return players.map((player) => player.state);
}

/** The keys and every custodian's shares of an undisturbed ceremony. */
export function makeKeys(
  threshold: Threshold,
  epochCount: number,
  seed: string,
): { readonly keys: readonly EpochKey[]; readonly shares: readonly (readonly KeyShare[])[] } {
  const random = seededRandom(seed);
  const table = makeTable({ threshold, epochCount, random });
  const ends = play(table.setup, table.keys, random);
  const finished = ends.flatMap((end) => (end.phase === "finished" ? [end] : []));
  const [first] = finished;
  if (first === undefined || finished.length !== threshold.n) throw new Error("the ceremony did not finish");
  return { keys: first.keys, shares: finished.map((end) => end.shares) };
}
