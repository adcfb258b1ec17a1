import { describe, expect, it } from "vitest";
import { drawnWindow, joinWindows } from "./windows.ts";

describe("windows of a day", () => {
  it("joins what overlaps or touches and drops what is empty", () => {
    expect(
      joinWindows([
        { startMinute: 600, endMinute: 720 },
        { startMinute: 480, endMinute: 540 },
        { startMinute: 700, endMinute: 800 },
        { startMinute: 540, endMinute: 560 },
        { startMinute: 900, endMinute: 900 },
      ]),
    ).toEqual([
      { startMinute: 480, endMinute: 560 },
      { startMinute: 600, endMinute: 800 },
    ]);
  });

  it("snaps a drawn window to quarters and keeps it inside the day", () => {
    expect(drawnWindow(0.5, 0.25)).toEqual({ startMinute: 360, endMinute: 720 });
    expect(drawnWindow(1.2, 1)).toEqual({ startMinute: 1_425, endMinute: 1_440 });
    expect(drawnWindow(0.3333, 0.3334)).toEqual({ startMinute: 480, endMinute: 495 });
  });
});
