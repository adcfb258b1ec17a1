import { expect, test } from "vitest";
import { makeCardSteps } from "./card-steps.ts";
import { type PseudonymKey, pseudonymKeyId, pseudonymOf, ratchetTo } from "./pseudonym-key.ts";

const FIRST: PseudonymKey = { generation: 1, epoch: 3, key: new Uint8Array(32).fill(7) };
const CARD = new Uint8Array(16).fill(1);
const OTHER = new Uint8Array(16).fill(2);
const BLOCKED = {
  pseudonymKeyId: pseudonymKeyId(FIRST.key),
  pseudonym: pseudonymOf(FIRST.key, CARD),
  epoch: 3,
  step: "block" as const,
};

function gate(kept?: Uint8Array) {
  const state = { chain: FIRST, listed: [BLOCKED] as (typeof BLOCKED)[] | undefined, kept };
  const make = () =>
    makeCardSteps({
      listed: () => state.listed,
      chainKey: () => state.chain,
      ownName: (credentialKey) => credentialKey.map((byte) => byte ^ 0x55),
      kept: state.kept,
      keep: (bytes) => {
        state.kept = bytes;
      },
    });
  return { state, make };
}

test("recognises the card by its name of the epoch, and no other", () => {
  const { make } = gate();
  const stepOf = make();
  expect(stepOf(CARD)).toBe("block");
  expect(stepOf(OTHER)).toBeUndefined();
});

test("knows a card that came by past the epoch and a restart, when its key is gone", () => {
  const { state, make } = gate();
  make()(CARD);
  state.chain = ratchetTo(FIRST, 4);
  expect(make()(CARD)).toBe("block");
  expect(make()(OTHER)).toBeUndefined();
});

test("a card that never came by is not known in the next epoch", () => {
  const { state, make } = gate();
  state.chain = ratchetTo(FIRST, 4);
  expect(make()(CARD)).toBeUndefined();
});

test("forgets a card whose step ended", () => {
  const { state, make } = gate();
  const stepOf = make();
  stepOf(CARD);
  expect(state.kept).toHaveLength(40);
  state.listed = [{ ...BLOCKED, pseudonym: new Uint8Array(16) }];
  expect(stepOf(CARD)).toBeUndefined();
  expect(state.kept).toHaveLength(0);
});

test.each([new Uint8Array(1), new Uint8Array(39), new Uint8Array(41)])(
  "reads what was kept of any length",
  (kept) => {
    expect(gate(kept).make()(CARD)).toBe("block");
  },
);
