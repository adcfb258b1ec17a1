import { expect, test } from "vitest";
import { TABS, tabOf } from "./tabs.ts";
import { parsePage } from "./use-page.ts";

test("every part begins with a page of its own, which belongs to it", () => {
  for (const tab of TABS) {
    const page = parsePage(`#/${tab}`).name;
    expect([page, tabOf(page)]).toEqual([tab, tab]);
  }
});

test.each([
  ["pass", "home"],
  ["household", "keys"],
  ["trail", "rights"],
  ["votes", "community"],
  ["device", "help"],
  ["join", undefined],
])("%s belongs to %s", (page, tab) => expect(tabOf(parsePage(`#/${page}`).name)).toBe(tab));
