import type { GateWiring } from "@menshen/wire";
import { expect, test } from "vitest";
import { doorGrade } from "./door-grade.ts";
import { gateFile } from "./gate-file.ts";
import { wiringFault } from "./installation.ts";

const READER = "d0000000-0000-4000-8000-000000000001";
const [CAR_UNIT, ROOF_UNIT] = [
  "d0000000-0000-4000-8000-000000000002",
  "d0000000-0000-4000-8000-000000000003",
];
const LIFT = "b0000000-0000-4000-8000-000000000001";
const TURNSTILE = "b0000000-0000-4000-8000-000000000002";
const passage = { readerId: ROOF_UNIT, input: 1, normallyClosed: false };

const wiring: GateWiring = {
  lines: [{ id: "line-1", transport: "/dev/ttyUSB0" }],
  readers: [READER, CAR_UNIT, ROOF_UNIT].map((readerId, address) => ({
    readerId,
    lineId: "line-1",
    address,
  })),
  plugged: [],
  portals: [
    {
      portalId: LIFT,
      lock: {
        units: [
          { readerId: CAR_UNIT, outputs: 16 },
          { readerId: ROOF_UNIT, outputs: 4 },
        ],
      },
    },
    { portalId: TURNSTILE, lock: { readerId: ROOF_UNIT, output: 4 }, passage },
  ],
};
const faultOf = (changed: GateWiring) =>
  wiringFault(changed, new Set([LIFT, TURNSTILE]), new Set([READER, CAR_UNIT, ROOF_UNIT]));
const withTurnstile = (change: Partial<GateWiring["portals"][number]>): GateWiring => ({
  ...wiring,
  portals: wiring.portals.map((portal) =>
    portal.portalId === TURNSTILE ? { ...portal, ...change } : portal,
  ),
});

test("a lift's units and a turnstile's sensor go into the gate's file as the gate reads them", () => {
  const { portals } = gateFile({
    wiring,
    readers: [],
    doorGroup: 1,
    enrolUrl: "https://localhost",
    code: undefined,
  });
  expect(portals).toEqual([
    {
      portalId: LIFT,
      lock: {
        kind: "lift",
        units: [
          { readerId: CAR_UNIT, outputs: 16 },
          { readerId: ROOF_UNIT, outputs: 4 },
        ],
      },
    },
    {
      portalId: TURNSTILE,
      lock: { kind: "osdp-output", readerId: ROOF_UNIT, output: 4 },
      passage: { kind: "osdp-input", ...passage },
    },
  ]);
});

test("a relay that frees a floor is no door's lock, and a sensor's input no other wire's", () => {
  expect(faultOf(wiring)).toBeUndefined();
  expect(faultOf(withTurnstile({ lock: { readerId: ROOF_UNIT, output: 3 } }))).toBe(
    "two wires end at the same terminal",
  );
  expect(faultOf(withTurnstile({ contact: passage }))).toBe("two wires end at the same terminal");
  expect(faultOf(withTurnstile({ lock: { units: [{ readerId: LIFT, outputs: 1 }] } }))).toBe(
    "a wire ends at a device that is on no line",
  );
});

test("a lift whose relays are the car reader's own opens at grade D at best", () => {
  const reader = { readerId: READER, kind: "osdp", hasOwnKey: true } as const;
  expect(doorGrade(LIFT, [reader], wiring, true)).toEqual({ best: "A", limits: [] });
  const onReader = {
    ...wiring,
    portals: [{ portalId: LIFT, lock: { units: [{ readerId: READER, outputs: 2 }] } }],
  };
  expect(doorGrade(LIFT, [reader], onReader, true).best).toBe("D");
});
