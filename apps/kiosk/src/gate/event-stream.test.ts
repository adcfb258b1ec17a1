import { expect, test } from "vitest";
import { makeEventReader } from "./event-stream.ts";

test("messages come out whole, wherever the network cuts them", () => {
  const whole = 'data: {"state":"ready"}\n\n: still here\n\nevent: result\ndata: 1\ndata:2\n\n';
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const read = makeEventReader();
    expect([...read(whole.slice(0, cut)), ...read(whole.slice(cut))]).toEqual([
      '{"state":"ready"}',
      "",
      "1\n2",
    ]);
  }
});

test("line ends of other systems are line ends", () => {
  expect(makeEventReader()("data: a\r\n\r\ndata: b\r\n\r\n")).toEqual(["a", "b"]);
});

test("a message without end is refused before it fills the memory", () => {
  const read = makeEventReader();
  expect(() => {
    for (let pieces = 0; pieces < 100; pieces += 1) read("data: ".padEnd(1_000, "x"));
  }).toThrow(RangeError);
});
