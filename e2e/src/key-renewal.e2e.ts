import {
  authenticateCard,
  type CardKeySet,
  openInProcessChannel,
  personaliseCard,
} from "@menshen/credentials";
import { nodeDesk } from "@menshen/credentials/node";
import { primitives } from "@menshen/crypto/node";
import { blankNtag424, makeNtag424Card, seededRandom, type VirtualCard } from "@menshen/virtual-devices";
import { expect, test } from "vitest";

const CARDS = 1_000;
const GROUP = 2;

/** Keys of one card under one version: what the back office derives and a gate's keyring holds. */
function keySet(number: number, version: number): CardKeySet {
  const key = (slot: number) =>
    primitives.aesCmac(new Uint8Array(16).fill(version), Uint8Array.of(slot, number >> 8, number & 0xff));
  return { version, master: key(0), groups: new Map([[GROUP, key(GROUP)]]) };
}

/** A tap at a gate that holds these versions of the card's key, newest first. */
function tap(
  card: VirtualCard,
  number: number,
  versions: readonly number[],
  random: (bytes: number) => Uint8Array,
) {
  return authenticateCard(openInProcessChannel(card), {
    primitives,
    doorGroup: GROUP,
    random,
    keyFor: () =>
      versions.map((keyVersion) => ({
        number: GROUP,
        keyVersion,
        key: keySet(number, keyVersion).groups.get(GROUP) ?? new Uint8Array(16),
      })),
  });
}

test("a thousand cards move to a new key version while their holders come and go, and none is refused", async () => {
  const random = seededRandom("key renewal");
  const cards: { readonly card: VirtualCard; readonly uid: Uint8Array; version: number }[] = [];
  for (let number = 0; number < CARDS; number += 1) {
    const uid = Uint8Array.of(0x04, 0xcc, 0, 0, 0, number >> 8, number & 0xff);
    const card = makeNtag424Card(blankNtag424(uid), random.bytes);
    const order = { kind: "ntag424", uid, keys: keySet(number, 1) } as const;
    const { outcome } = await personaliseCard(openInProcessChannel(card), order, nodeDesk);
    expect(outcome).toBe("personalised");
    cards.push({ card, uid, version: 1 });
  }

  // One holder after the other comes to the desk; between two of them others come home.
  const order = cards.map((_, number) => number).sort(() => (random.bytes(1)[0] ?? 0) - 127.5);
  const refused: unknown[] = [];
  for (const number of order) {
    const held = cards[number];
    const passing = (random.bytes(2)[0] ?? 0) * 4 + ((random.bytes(1)[0] ?? 0) & 3);
    const other = cards[passing % CARDS];
    if (held === undefined || other === undefined) throw new Error("expected cards");
    const reading = await tap(other.card, passing % CARDS, [2, 1], random.bytes);
    if (reading.outcome !== "presented" || reading.presentation.evidence.keyVersion !== other.version) {
      refused.push(reading);
    }
    const { outcome } = await personaliseCard(
      openInProcessChannel(held.card),
      { kind: "ntag424", uid: held.uid, keys: keySet(number, 2), earlier: [keySet(number, 1)] },
      nodeDesk,
    );
    expect(outcome).toBe("personalised");
    held.version = 2;
    const after = await tap(held.card, number, [2, 1], random.bytes);
    if (after.outcome !== "presented" || after.presentation.evidence.keyVersion !== 2) refused.push(after);
  }
  expect(refused).toEqual([]);

  // The old version ends: every card still opens, and proves nothing under the old key.
  for (const [number, { card }] of cards.entries()) {
    expect((await tap(card, number, [2], random.bytes)).outcome).toBe("presented");
  }
  const [first] = cards;
  if (first === undefined) throw new Error("expected a card");
  expect((await tap(first.card, 0, [1], random.bytes)).outcome).toBe("not-authentic");
}, 600_000);
