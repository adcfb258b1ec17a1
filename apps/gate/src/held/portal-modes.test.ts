import { Instant, PortalId } from "@menshen/domain";
import type { ModesMessage } from "@menshen/wire";
import { expect, test } from "vitest";
import { modeInForce } from "./portal-modes.ts";

const portalId = PortalId("11111111-1111-4111-8111-111111111111");
const T = 1_800_000_000_000;
const between = (earliest: number, latest: number) => ({
  earliest: Instant(T + earliest),
  latest: Instant(T + latest),
});

function modes(portal: Omit<ModesMessage["portals"][number], "portalId">): ModesMessage {
  return {
    version: 1,
    gateId: "33333333-3333-4333-8333-333333333333" as ModesMessage["gateId"],
    generation: portal.generation,
    issuedAt: Instant(T),
    portals: [{ portalId, ...portal }],
  };
}

test("without a message, or for a portal that none names, the mode is normal", () => {
  expect(modeInForce(undefined, portalId, between(0, 0))).toEqual({
    mode: "normal",
    lockdown: 0,
    generation: 0,
  });
  const other = PortalId("22222222-2222-4222-8222-222222222222");
  expect(modeInForce(modes({ mode: "locked", lockdown: 3, generation: 7 }), other, between(0, 0))).toEqual({
    mode: "normal",
    lockdown: 0,
    generation: 7,
  });
});

test("standing open ends when its end may have come", () => {
  const desired = modes({ mode: "held-open", lockdown: 0, generation: 2, until: Instant(T + 1_000) });
  expect(modeInForce(desired, portalId, between(0, 999)).mode).toBe("held-open");
  expect(modeInForce(desired, portalId, between(0, 1_000)).mode).toBe("normal");
});

test("a lockdown ends when its end has come for certain", () => {
  const desired = modes({ mode: "normal", lockdown: 2, generation: 2, until: Instant(T + 1_000) });
  expect(modeInForce(desired, portalId, between(999, 5_000)).lockdown).toBe(2);
  expect(modeInForce(desired, portalId, between(1_000, 5_000)).lockdown).toBe(0);
});

test("without an end a mode holds", () => {
  const desired = modes({ mode: "locked", lockdown: 0, generation: 5 });
  expect(modeInForce(desired, portalId, between(0, 1e12))).toEqual({
    mode: "locked",
    lockdown: 0,
    generation: 5,
  });
});
