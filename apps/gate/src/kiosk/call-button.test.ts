import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import type { AppendOutcome, JournalRecord } from "../store/journal.ts";
import { makeCallButtons } from "./call-button.ts";

const SCREEN = ReaderId("0b54bb5f-95f6-4d30-8ff0-5d5bd1d20a11");
const OTHER = ReaderId("0b54bb5f-95f6-4d30-8ff0-5d5bd1d20a12");
const MINUTE = 60_000;

function begin(outcome: AppendOutcome = { stored: true, sequence: 7 }) {
  const written: JournalRecord[] = [];
  const state = { nowMs: 5_000, acknowledged: 6 };
  const buttons = makeCallButtons({
    journal: {
      append: (record) => {
        written.push(record);
        return Promise.resolve(outcome);
      },
      acknowledged: () => state.acknowledged,
    },
    monotonicMs: () => state.nowMs,
  });
  return { buttons, state, written };
}

test("a screen says how far a call came, and not more", async () => {
  const { buttons, state, written } = begin();
  expect(buttons.callOf(SCREEN)).toBeUndefined();
  expect(await buttons.press(SCREEN)).toEqual({ step: "sending" });
  expect(written).toEqual([{ kind: "reader", body: { readerId: SCREEN, event: "call" } }]);
  state.nowMs += MINUTE;
  expect(buttons.callOf(SCREEN)).toEqual({ step: "sending" });
  state.acknowledged = 7;
  expect(buttons.callOf(SCREEN)).toEqual({ step: "arrived" });
  expect(buttons.callOf(OTHER)).toBeUndefined();
  expect(buttons.heard(SCREEN)).toBe(true);
  expect(buttons.callOf(SCREEN)).toEqual({ step: "heard" });
  state.nowMs += MINUTE;
  expect(buttons.callOf(SCREEN)).toBeUndefined();
});

test("a call that nobody takes is said to be that, and may be taken late", async () => {
  const { buttons, state, written } = begin();
  await buttons.press(SCREEN);
  state.acknowledged = 7;
  state.nowMs += 2 * MINUTE;
  expect(buttons.callOf(SCREEN)).toEqual({ step: "unanswered" });
  expect(buttons.heard(SCREEN)).toBe(true);
  expect(buttons.callOf(SCREEN)).toEqual({ step: "heard" });
  state.nowMs += 10 * MINUTE;
  expect(buttons.heard(SCREEN)).toBe(false);
  expect(buttons.heard(OTHER)).toBe(false);
  expect(written).toHaveLength(1);
});

test("an entry that the disk has not taken never counts as arrived", async () => {
  const { buttons, state } = begin({ stored: false, cause: "late" });
  expect(await buttons.press(SCREEN)).toEqual({ step: "sending" });
  state.acknowledged = 1_000;
  expect(buttons.callOf(SCREEN)).toEqual({ step: "sending" });
});

test("who presses while a call waits makes no second one; after it a few, then one a minute", async () => {
  const { buttons, state, written } = begin();
  await buttons.press(SCREEN);
  expect(await buttons.press(SCREEN)).toEqual({ step: "sending" });
  expect(written).toHaveLength(1);
  for (let calls = 2; calls <= 3; calls += 1) {
    buttons.heard(SCREEN);
    expect(await buttons.press(SCREEN)).toEqual({ step: "sending" });
    expect(written).toHaveLength(calls);
  }
  buttons.heard(SCREEN);
  expect(await buttons.press(SCREEN)).toBeUndefined();
  expect(await buttons.press(OTHER)).toEqual({ step: "sending" });
  state.nowMs += MINUTE;
  expect(await buttons.press(SCREEN)).toEqual({ step: "sending" });
  expect(written).toHaveLength(5);
});
