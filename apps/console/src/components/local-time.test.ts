import { describe, expect, it } from "vitest";
import { epochMsToLocalDateTime, localDateTimeToEpochMs } from "./local-time.ts";

describe("local time", () => {
  it("reads a time in a zone without clock changes", () => {
    expect(localDateTimeToEpochMs("2026-11-22T08:00", "Asia/Shanghai")).toBe(Date.UTC(2026, 10, 22, 0, 0));
  });

  it("reads seconds where they are given", () => {
    expect(localDateTimeToEpochMs("2026-11-22T08:00:07", "Asia/Shanghai")).toBe(
      Date.UTC(2026, 10, 22, 0, 0, 7),
    );
  });

  it("takes the first of a time that occurs twice", () => {
    // Berlin goes back from 03:00 to 02:00 on 2026-10-25; 02:30 comes first as CEST (UTC+2).
    expect(localDateTimeToEpochMs("2026-10-25T02:30", "Europe/Berlin")).toBe(Date.UTC(2026, 9, 25, 0, 30));
  });

  it("takes the instant after the skip of a time that does not occur", () => {
    // Berlin goes from 02:00 to 03:00 on 2026-03-29; 02:30 is read as 03:30 CEST.
    expect(localDateTimeToEpochMs("2026-03-29T02:30", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });

  it("refuses what is no date and time", () => {
    expect(localDateTimeToEpochMs("2026-13-01T00:00", "Asia/Shanghai")).toBeUndefined();
    expect(localDateTimeToEpochMs("tomorrow", "Asia/Shanghai")).toBeUndefined();
  });

  it("writes an instant in a zone", () => {
    expect(epochMsToLocalDateTime(Date.UTC(2026, 10, 22, 0, 5), "Asia/Shanghai")).toBe("2026-11-22T08:05");
    expect(epochMsToLocalDateTime(Date.UTC(2026, 6, 1, 12, 0), "Europe/Berlin")).toBe("2026-07-01T14:00");
  });
});
