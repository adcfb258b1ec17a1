import { describe, expect, test } from "vitest";
import { makeScanGate } from "./scan-gate.ts";

describe("codes that a camera sees", () => {
  test("a phone held still is asked about once, however long", () => {
    const gate = makeScanGate();
    expect(gate.saw("MP:A", 0)).toBe(true);
    gate.answered(true);
    for (let atMs = 100; atMs <= 20_000; atMs += 100) expect(gate.saw("MP:A", atMs)).toBe(false);
  });

  test("a code counts as shown again after three seconds away, not before", () => {
    const gate = makeScanGate();
    expect(gate.saw("MP:A", 0)).toBe(true);
    gate.answered(true);
    expect(gate.saw("MP:A", 2_999)).toBe(false);
    expect(gate.saw("MP:A", 5_998)).toBe(false);
    expect(gate.saw("MP:A", 8_998)).toBe(true);
  });

  test("the next person's code is sent as soon as the answer is there", () => {
    const gate = makeScanGate();
    expect(gate.saw("MP:A", 0)).toBe(true);
    expect(gate.saw("MP:B", 100)).toBe(false);
    gate.answered(true);
    expect(gate.saw("MP:B", 200)).toBe(true);
    expect(gate.saw("MP:A", 300)).toBe(false);
  });

  test("a code that the gate never heard is sent again", () => {
    const gate = makeScanGate();
    expect(gate.saw("MP:A", 0)).toBe(true);
    expect(gate.saw("MP:A", 100)).toBe(false);
    gate.answered(false);
    expect(gate.saw("MP:A", 200)).toBe(true);
  });
});
