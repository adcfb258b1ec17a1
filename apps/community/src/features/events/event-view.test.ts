import { AccessPointId, GateId, Instant } from "@menshen/domain";
import { expect, test } from "vitest";
import type { Directory } from "../directory/index.ts";
import { eventView } from "./event-view.ts";

const GATE = GateId("a0000000-0000-4000-8000-000000000001");
const [CAR, LOBBY, ROOF] = [1, 2, 3].map((n) => AccessPointId(`c0000000-0000-4000-8000-00000000000${n}`));
if (CAR === undefined || LOBBY === undefined || ROOF === undefined) throw new Error("expected three places");

const directory: Directory = {
  gates: new Map([[GATE, "1号楼"]]),
  portals: new Map(),
  readers: new Map(),
  accessPoints: new Map([[LOBBY, { name: "大堂", portalId: "b" }]]),
};

const ride = (body: { floors?: readonly AccessPointId[]; otherFloors?: number }) =>
  eventView(
    {
      position: 1,
      gateId: GATE,
      sequence: 1,
      at: Instant(5),
      receivedAt: Instant(6),
      entry: {
        version: 1,
        kind: "access",
        sequence: 1,
        earliest: Instant(5),
        latest: Instant(5),
        body: {
          accessPointId: CAR,
          granted: true,
          reasons: [{ code: "rule-allows" }],
          snapshotVersion: 1,
          lockDriven: true,
          ...body,
        },
      },
    },
    directory,
  );

test("a lift's event names the floors that many may go to, and counts the others", () => {
  expect(ride({ floors: [LOBBY], otherFloors: 2 })).toMatchObject({ floorNames: ["大堂"], otherFloors: 2 });
});

test("a floor that was taken down since has no name any more; a door's event has no floors", () => {
  expect(ride({ floors: [ROOF] })).toMatchObject({ floorNames: [] });
  expect(ride({})).not.toHaveProperty("floorNames");
  expect(ride({})).not.toHaveProperty("otherFloors");
});
