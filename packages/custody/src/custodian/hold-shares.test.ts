import { ed25519FromSecret } from "@menshen/crypto";
import { expect, it } from "vitest";
import { endorse, verifyReceipt } from "../index.ts";
import { adoptCustodians, placeIn } from "./adopt-custodians.ts";
import { CEREMONY, contentsOf, grid, keys, members, NOW } from "./custodian.fixture.ts";
import {
  destroyOverdue,
  destroyShares,
  epochsAhead,
  identityKeyOf,
  nextDeath,
  settleReceipt,
} from "./hold-shares.ts";

const DAY_MS = 86_400_000;
const contents = contentsOf(2);
/** Epoch 7 ends here. */
const END = grid.anchorMs + 7 * grid.epochMs;

it("a share lives until its epoch's end and retention, by the program's own clock (privacy row L2)", () => {
  expect(nextDeath(contents)).toBe(END + 30 * DAY_MS);
  expect(destroyOverdue(contents, END + 30 * DAY_MS - 1).destroyed).toEqual([]);
  const { destroyed, contents: after } = destroyOverdue(contents, END + 30 * DAY_MS);
  expect(destroyed.map(({ key }) => key.epoch)).toEqual([7]);
  expect(after.shares.map(({ key }) => key.epoch)).toEqual([8]);
  expect(nextDeath(after)).toBe(END + 58 * DAY_MS);
  expect(nextDeath({ ...after, shares: [] })).toBeUndefined();
});

it("a vote may shorten the time, down to nothing", () => {
  expect(destroyOverdue({ ...contents, retentionDays: 0 }, END).destroyed).toHaveLength(1);
  expect(destroyOverdue({ ...contents, retentionDays: 1 }, END).destroyed).toHaveLength(0);
});

it("each destroyed share leaves a signed receipt until the log has it", () => {
  const { contents: after } = destroyOverdue(contents, END + 58 * DAY_MS);
  expect(after.receipts.map(({ epoch }) => epoch)).toEqual([7, 8]);
  const [receipt] = after.receipts;
  const [key] = keys;
  if (receipt === undefined || key === undefined) throw new Error("there is a receipt");
  const { epoch, destroyedAtMs, signature, ceremony } = receipt;
  expect(ceremony).toBe(CEREMONY);
  const said = { keyId: key.id, epoch, index: 2, destroyedAtMs };
  expect(verifyReceipt(identityKeyOf(contents), said, signature)).toBe(true);
  expect(settleReceipt(after, receipt).receipts.map((one) => one.epoch)).toEqual([8]);
});

it("whoever leaves destroys all", () => {
  const { contents: after, destroyed } = destroyShares(contents, NOW, () => true);
  expect([destroyed.length, after.shares.length, after.receipts.length]).toEqual([2, 0, 2]);
});

it("counts the epochs that it can still answer for", () => {
  expect(epochsAhead(contents, NOW)).toBe(2);
  expect(epochsAhead(contents, END)).toBe(1);
});

it("knows its own place", () => {
  expect(placeIn(contents, members)).toBe(2);
  expect(placeIn({ ...contents, identitySeed: new Uint8Array(32) }, members)).toBeUndefined();
});

const seed = (fill: number) => new Uint8Array(32).fill(fill);
const next = {
  ...members,
  version: 2,
  members: members.members.map((member, i) =>
    i === 2 ? { ...member, identityKey: ed25519FromSecret(seed(9)).publicKey } : member,
  ),
};
const endorsements = [1, 2].map((fill) => endorse({ previous: members, next, secretKey: seed(fill) }));
const first = { set: members, endorsements: [] };

it("believes the first custodians it sees, and later ones by the word of those before", () => {
  const { custodians: _known, ...fresh } = contents;
  expect(adoptCustodians(fresh, [first])).toEqual({ adopted: true, set: members, isNew: true });
  expect(adoptCustodians(contents, [first])).toMatchObject({ adopted: true, isNew: false });
  expect(adoptCustodians(contents, [first, { set: next, endorsements }])).toEqual({
    adopted: true,
    set: next,
    isNew: true,
  });
});

it.each([
  ["nobody is shown", [], "none-shown"],
  ["only one endorsed", [first, { set: next, endorsements: endorsements.slice(0, 1) }], "not-endorsed"],
  ["nobody endorsed", [first, { set: next, endorsements: [] }], "not-endorsed"],
  ["the known ones are left out", [{ set: next, endorsements }], "known-set-missing"],
] as const)("stays with those it knows when %s", (_what, shown, refusal) => {
  expect(adoptCustodians(contents, shown)).toEqual({ adopted: false, refusal });
});
