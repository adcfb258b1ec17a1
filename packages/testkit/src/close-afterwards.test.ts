import { beforeAll, expect, test } from "vitest";
import { closeAfterwards, closeAll } from "./close-afterwards.ts";

const closed: string[] = [];
const note = (name: string) => closeAfterwards(() => void closed.push(name));

note("file");
beforeAll(() => note("beforeAll"));

test("what a test opens is closed once it is over, the last first", () => {
  note("one");
  note("two");
  expect(closed).toEqual([]);
});

test("what a file opens, also in its hooks, stays until the file is over, and all of it is closed", async () => {
  expect(closed).toEqual(["two", "one"]);
  await closeAll();
  expect(closed).toEqual(["two", "one", "beforeAll", "file"]);
  await closeAll();
  expect(closed).toHaveLength(4);
});

test("one that cannot be closed keeps none of the others open, and is told", async () => {
  const faulty = () => {
    throw new Error("stuck");
  };
  const all = closeAll([() => void closed.push("other"), faulty]);
  await expect(all).rejects.toThrow("not all that the tests opened");
  expect(closed.at(-1)).toBe("other");
});
