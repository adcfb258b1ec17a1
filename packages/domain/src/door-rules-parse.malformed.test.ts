import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError, Holder, parseAreaRule, parsePortalRule, parsePresenceMs } from "./index.ts";

const id = "11111111-1111-4111-8111-111111111111";
const area = { areaId: id, antiPassback: "hard", countsOnlyConfirmed: true, whenApart: "refuse" };

test("whole rules come out as they went in", () => {
  const full = {
    ...area,
    antiPassback: "timed",
    timedMs: 10_000,
    occupancyLimit: 2,
    firstPersonIn: "staff",
    minimumPersons: 2,
    escort: { withinMs: 60_000 },
  };
  expect(parseAreaRule(full)).toEqual(full);
  const portal = {
    portalId: id,
    interlockGroup: 15,
    doubleTapHold: { withinMs: 500, forMs: 43_200_000 },
    preAlarmMs: 1_000,
    turnstile: { confirm: "contact" },
    floors: [{ output: 63, areaId: id }],
    plate: true,
  };
  expect(parsePortalRule(portal)).toEqual(portal);
  expect(parsePortalRule({ portalId: id, twoPersonRule: { withinMs: 1_000 } }).twoPersonRule).toEqual({
    withinMs: 1_000,
  });
  expect(parsePresenceMs(3_600_000)).toBe(3_600_000);
});

test.each([
  null,
  { ...area, areaId: "yard" },
  { ...area, antiPassback: "strict" },
  { ...area, antiPassback: "timed" },
  { ...area, timedMs: 60_000 },
  { ...area, antiPassback: "timed", timedMs: 9_999 },
  { ...area, antiPassback: "timed", timedMs: 86_400_001 },
  { ...area, occupancyLimit: 0 },
  { ...area, occupancyLimit: 1, minimumPersons: 2 },
  { ...area, minimumPersons: 3 },
  { ...area, firstPersonIn: "guard" },
  { ...area, countsOnlyConfirmed: 1 },
  { ...area, whenApart: undefined },
  { ...area, escort: true },
  { ...area, escort: { withinMs: 60_001 } },
  { ...area, ocupancyLimit: 5 },
])("no rule of an area: %o", (value) => {
  expect(() => parseAreaRule(value)).toThrow(DomainError);
});

test.each([
  {},
  { portalId: id, interlockGroup: 0 },
  { portalId: id, interlockGroup: 16 },
  { portalId: id, twoPersonRule: {} },
  { portalId: id, doubleTapHold: { withinMs: 499, forMs: 60_000 } },
  { portalId: id, twoPersonRule: { withinMs: 5_000 }, doubleTapHold: { withinMs: 500, forMs: 60_000 } },
  { portalId: id, preAlarmMs: 600_001 },
  { portalId: id, turnstile: { confirm: "beam" } },
  { portalId: id, floors: [] },
  { portalId: id, floors: [{ output: 64, areaId: id }] },
  { portalId: id, floors: [1, 1].map((output) => ({ output, areaId: id })) },
  { portalId: id, plate: false },
])("no rule of a portal: %o", (value) => {
  expect(() => parsePortalRule(value)).toThrow(DomainError);
});

test.each(["", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0"])("no holder: `%s`", (text) => {
  expect(() => Holder(text)).toThrow(expect.objectContaining({ code: "invalid-id" }));
});

test("anything else is refused by a domain error and nothing else", () => {
  const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
  const fields = fc.dictionary(
    fc.constantFrom(...Object.keys(area), "timedMs", "escort", "floors", "portalId"),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fields), (value) => {
      for (const parse of [parseAreaRule, parsePortalRule]) {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }
    }),
    { numRuns },
  );
});
