import { ReaderId } from "@menshen/domain";
import { expect, test } from "vitest";
import { makeReaderStates } from "./reader-state.ts";

const A = ReaderId("dddddddd-0000-4000-8000-000000000001");
const B = ReaderId("dddddddd-0000-4000-8000-000000000002");

test("a reader that never came is not lost until a minute after the start, one that was there is at once", () => {
  let nowMs = 5_000;
  const states = makeReaderStates(
    [A, B],
    () => undefined,
    () => nowMs,
  );
  const known = () => states.known().map(({ readerId, online }) => [readerId, online]);
  expect(known()).toEqual([]);
  states.change(A, { online: true });
  states.change(A, { online: false });
  expect(known()).toEqual([[A, false]]);
  nowMs += 60_000;
  expect(known()).toEqual([
    [A, false],
    [B, false],
  ]);
});
