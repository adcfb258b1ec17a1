import { openInProcessChannel, type PersonalisationOrder, personaliseCard } from "@menshen/credentials";
import { nodeDesk } from "@menshen/credentials/node";
import { randomBytes } from "@menshen/crypto/node";
import { blankDesfire, blankNtag424, makeDesfireCard, makeNtag424Card } from "@menshen/virtual-devices";
import { type Result, rounded } from "./result.ts";

const CARDS = 100;
const WARM_UP = 10;

/** A blank card made one of ours at a desk: the desk's own time, without the card's. */
export async function benchPersonalise(): Promise<Result[]> {
  const results: Result[] = [];
  for (const kind of ["desfire", "ntag424"] as const) {
    const times: number[] = [];
    let commands = 0;
    for (let number = 0; number < CARDS + WARM_UP; number += 1) {
      const one = await personalise(kind, number);
      commands = one.commands;
      if (number >= WARM_UP) times.push(one.ownMs);
    }
    const sorted = times.toSorted((a, b) => a - b);
    const at = (part: number) => rounded(sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN);
    const note = `${CARDS} blank cards with two door groups, hidden number${kind === "desfire" ? " and transaction MAC" : ""}; ${commands} commands, the virtual card's own time left out`;
    results.push(
      { id: `personalise.${kind}.p50_ms`, value: at(0.5), unit: "ms", better: "lower", note },
      { id: `personalise.${kind}.p99_ms`, value: at(0.99), unit: "ms", better: "lower", target: 2_000 },
    );
  }
  return results;
}

async function personalise(kind: "desfire" | "ntag424", number: number) {
  const uid = Uint8Array.of(0x04, 0x11, 0x22, 0x33, 0x44, number >> 8, number & 0xff);
  const order: PersonalisationOrder = {
    kind,
    uid,
    keys: {
      version: 1,
      master: randomBytes(16),
      groups: new Map([1, 2].map((group) => [group, randomBytes(16)])),
    },
    privacyKey: { version: 128, value: randomBytes(16) },
    ...(kind === "desfire" ? { transactionMac: { version: 1, value: randomBytes(16) } } : {}),
  };
  const card =
    kind === "desfire"
      ? makeDesfireCard(blankDesfire(uid, "ev3"), randomBytes)
      : makeNtag424Card(blankNtag424(uid), randomBytes);
  let cardMs = 0;
  let commands = 0;
  const timed = {
    ...card,
    transceive(command: Uint8Array) {
      const begin = performance.now();
      const answer = card.transceive(command);
      cardMs += performance.now() - begin;
      commands += 1;
      return answer;
    },
  };
  const begin = performance.now();
  const { outcome } = await personaliseCard(openInProcessChannel(timed), order, nodeDesk);
  const ownMs = performance.now() - begin - cardMs;
  if (outcome !== "personalised") throw new Error(`expected a personalised card, came ${outcome}`);
  return { ownMs, commands };
}
