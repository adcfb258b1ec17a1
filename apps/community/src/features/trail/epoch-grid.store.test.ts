import { expect, test } from "vitest";
import { startTestDatabase } from "../../testing/test-database.ts";
import { ensureEpochGrid, midnightBefore, selectEpochGrid } from "./epoch-grid.store.ts";

const ms = (text: string) => Date.parse(text);

test.each([
  ["Asia/Shanghai", "2026-11-22T09:30:00Z", "2026-11-21T16:00:00Z"],
  ["Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-21T16:00:00Z"],
  ["Asia/Shanghai", "2026-11-21T15:59:59.999Z", "2026-11-20T16:00:00Z"],
  // The clocks went forward in the afternoon's night before: the day began at the offset of then.
  ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z"],
  // There was no midnight: the day began at one o'clock.
  ["America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z"],
])("in %s the day of %s began at %s", (timeZone, now, expected) => {
  expect(new Date(midnightBefore(timeZone, ms(now))).toISOString()).toBe(new Date(expected).toISOString());
});

test("the grid is laid once", async () => {
  const { db } = await startTestDatabase();
  await expect(selectEpochGrid(db)).rejects.toMatchObject({ code: "internal" });
  await ensureEpochGrid(db, { timeZone: "Asia/Shanghai" }, ms("2026-11-22T09:30:00Z"));
  await ensureEpochGrid(db, { timeZone: "Europe/Berlin" }, ms("2027-01-01T00:00:00Z"));
  expect(await selectEpochGrid(db)).toEqual({
    anchorMs: ms("2026-11-21T16:00:00Z"),
    epochMs: 2_419_200_000,
  });
});
