import type { AreaRules, PortalRules } from "@menshen/wire";
import { describe, expect, it } from "vitest";
import { areaDraft, areaRulesOf } from "./area-draft.ts";
import { portalDraft, portalRulesOf } from "./portal-draft.ts";
import { needsToKnow } from "./rule-says.ts";

const AREA: AreaRules = {
  areaId: "11111111-1111-4111-8111-111111111111",
  areaName: "游泳池",
  revision: 4,
  counted: true,
  antiPassback: "timed",
  timedMs: 300_000,
  occupancyLimit: 40,
  countsOnlyConfirmed: true,
  whenApart: "refuse",
  staffFirst: true,
  twoPersons: false,
  escort: { withinMs: 8_000 },
};
const PORTAL: PortalRules = {
  portalId: "22222222-2222-4222-8222-222222222222",
  portalName: "电梯",
  gateId: "33333333-3333-4333-8333-333333333333",
  revision: 2,
  turnstile: true,
  plate: false,
};

describe("an area's form", () => {
  it("gives back what it was opened with, with the revision it saw", () => {
    expect(areaRulesOf(areaDraft(AREA), 4)).toEqual({
      revision: 4,
      counted: true,
      antiPassback: "timed",
      timedMs: 300_000,
      occupancyLimit: 40,
      countsOnlyConfirmed: true,
      whenApart: "refuse",
      staffFirst: true,
      twoPersons: false,
      escort: { withinMs: 8_000 },
    });
  });

  it("sends no time of a setting that is off, and no limit that was emptied", () => {
    const draft = {
      ...areaDraft(AREA),
      antiPassback: "soft",
      escorted: false,
      occupancyLimit: null,
    } as const;
    expect(areaRulesOf(draft, 5)).toEqual({
      revision: 5,
      counted: true,
      antiPassback: "soft",
      countsOnlyConfirmed: true,
      whenApart: "refuse",
      staffFirst: true,
      twoPersons: false,
    });
  });

  it.each([
    [{ antiPassback: "soft", staffFirst: false, twoPersons: false, occupancyLimit: null }, true],
    [{ antiPassback: "off", staffFirst: false, twoPersons: false, occupancyLimit: 5 }, true],
    [{ antiPassback: "off", staffFirst: true, twoPersons: false }, true],
    [{ antiPassback: "off", staffFirst: false, twoPersons: true }, true],
    [{ antiPassback: "off", staffFirst: false, twoPersons: false, occupancyLimit: null }, false],
  ] as const)("asks what holds apart where a rule needs to know who is inside: %j", (rules, isAsked) => {
    expect(needsToKnow(rules)).toBe(isAsked);
  });
});

describe("a door's form", () => {
  it("sends seconds and minutes as milliseconds", () => {
    const draft = {
      ...portalDraft(PORTAL),
      interlockGroup: 3,
      preAlarmSeconds: 15,
      holds: true,
      holdWithinSeconds: 2,
      holdMinutes: 45,
    };
    expect(portalRulesOf(draft, 2)).toEqual({
      revision: 2,
      turnstile: true,
      plate: false,
      interlockGroup: 3,
      preAlarmMs: 15_000,
      doubleTapHold: { withinMs: 2_000, forMs: 2_700_000 },
    });
  });

  it("never sends two persons together with presenting twice", () => {
    const before = portalDraft({ ...PORTAL, twoPersonWithinMs: 10_000 });
    expect(portalRulesOf(before, 2)).toMatchObject({ twoPersonWithinMs: 10_000 });
    expect(portalRulesOf({ ...before, holds: true }, 2)).not.toHaveProperty("twoPersonWithinMs");
    const { twoPersonSeconds: _, ...hidden } = { ...before, holds: true };
    expect(portalRulesOf(hidden, 2)).not.toHaveProperty("twoPersonWithinMs");
  });

  it("leaves out floors that lack their relay or their area", () => {
    const areaId = AREA.areaId;
    const floors = [
      { output: 4, areaId },
      { output: null, areaId },
      { output: 5, areaId: null },
    ];
    expect(portalRulesOf({ ...portalDraft(PORTAL), floors }, 2)).toMatchObject({
      floors: [{ output: 4, areaId }],
    });
    expect(portalRulesOf({ ...portalDraft(PORTAL), floors: floors.slice(1) }, 2)).not.toHaveProperty(
      "floors",
    );
  });
});
