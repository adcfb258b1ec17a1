import { authenticateCard, credentialKeyOf, openInProcessChannel } from "@menshen/credentials";
import * as primitives from "@menshen/crypto/node";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { cardFromProfile } from "./card-profile.ts";
import { personaliseCard } from "./personalise.ts";

const UID = primitives.fromHex("04a1b2c3d4e5f6");
const keyOf = (number: number) => new Uint8Array(16).fill(0xa0 + number);

async function issued(kind: "desfire" | "ntag424", groups: readonly number[]) {
  const random = seededRandom(`personalise ${kind}`);
  const stored = cardFromProfile({ kind, uid: primitives.toHex(UID) }, random.bytes);
  const keys = [0, ...groups].map((number) => ({ number, version: 1, value: keyOf(number) }));
  const order = { kind, uid: UID, keys };
  await personaliseCard(openInProcessChannel(stored.card), order, random.branch("desk").bytes);
  return { ...stored, order, random };
}

function readAt(card: Awaited<ReturnType<typeof issued>>, doorGroup: number, key: Uint8Array) {
  return authenticateCard(openInProcessChannel(card.card), {
    primitives,
    doorGroup,
    random: card.random.branch("door").bytes,
    keyFor: ({ kind }) => (kind === card.order.kind ? { number: doorGroup, keyVersion: 1, key } : undefined),
  });
}

describe.each([
  { kind: "desfire", groups: [1, 2, 3] },
  { kind: "desfire", groups: [13] },
  { kind: "ntag424", groups: [1, 2] },
  { kind: "ntag424", groups: [4] },
] as const)("a personalised $kind of groups $groups", ({ kind, groups }) => {
  test("proves itself at the doors of its groups with grade B", async () => {
    const card = await issued(kind, groups);
    for (const group of groups) {
      expect(await readAt(card, group, keyOf(group))).toMatchObject({
        outcome: "presented",
        presentation: {
          kind,
          grade: "B",
          credentialKey: credentialKeyOf(primitives, kind, UID),
          evidence: { keyVersion: 1 },
        },
      });
    }
  });

  test("survives being written down and taken up again", async () => {
    const card = await issued(kind, groups);
    const again = { ...card, card: cardFromProfile(card.profile(), card.random.bytes).card };
    const group = groups[0];
    expect(await readAt(again, group, keyOf(group))).toMatchObject({ outcome: "presented" });
  });

  test("proves nothing to another key, nor to the factory's", async () => {
    const card = await issued(kind, groups);
    for (const key of [keyOf(9), new Uint8Array(16)]) {
      expect(await readAt(card, groups[0], key)).toMatchObject({
        outcome: "not-authentic",
        detail: "wrong-key",
      });
    }
  });

  test("is left as it is by the same order again, and refused under another master", async () => {
    const card = await issued(kind, groups);
    const before = card.profile();
    await personaliseCard(openInProcessChannel(card.card), card.order);
    const keys = card.order.keys.map((key) => ({ ...key, value: keyOf(key.number + 1) }));
    await expect(
      personaliseCard(openInProcessChannel(card.card), { ...card.order, keys }),
    ).rejects.toMatchObject({ code: "card-refused" });
    expect(card.profile()).toEqual(before);
  });
});

test("a copied number is known as less than the card it copies", async () => {
  const card = await issued("desfire", [1]);
  const copy = cardFromProfile({ kind: "uid", uid: primitives.toHex(UID) });
  const channel = { ...openInProcessChannel(copy.card), uid: UID };
  const reading = await authenticateCard(channel, {
    primitives,
    doorGroup: 1,
    random: card.random.bytes,
    keyFor: ({ kind }) => (kind === "desfire" ? { number: 1, keyVersion: 1, key: keyOf(1) } : undefined),
  });
  expect(reading).toMatchObject({
    outcome: "presented",
    presentation: { kind: "uid", grade: "E", evidence: { downgraded: true } },
  });
});

test("groups that a card has no room for are refused before it is touched", async () => {
  await expect(issued("ntag424", [1, 2, 3])).rejects.toMatchObject({ code: "card-refused" });
  await expect(issued("desfire", [])).rejects.toMatchObject({ code: "card-refused" });
});
