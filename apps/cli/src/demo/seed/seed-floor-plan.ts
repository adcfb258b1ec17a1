import { readFileSync } from "node:fs";
import { floorPlanEndpoints } from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";
import type { Site } from "../site-file.ts";
import { BUILDINGS, DOORS } from "../site-plan.ts";
import { GROUNDS, idOf } from "./seed-site.ts";

const NAME = "总平面";
const DRAWING = new URL("./floor-plan.svg", import.meta.url);

/** Left upper corners of the buildings on the drawing, in its units: 1200 by 800. */
const HOUSES: readonly (readonly [number, number])[] = [
  [180, 124],
  [720, 124],
  [792, 348],
  [456, 396],
  [156, 460],
];
const HOUSE = { width: 240, height: 100 };

/** More corners below, so that the name of the grounds stands where nothing else does. */
const WITHIN_WALLS: readonly (readonly [number, number])[] = [
  [40, 48],
  [1128, 48],
  [1128, 752],
  [960, 752],
  [800, 752],
  [640, 752],
  [480, 752],
  [320, 752],
  [40, 752],
];

const corner = ([x, y]: readonly [number, number]) => ({
  x: Math.round(x / 1.2),
  y: Math.round(y / 0.8),
});

function shapeOf([x, y]: readonly [number, number]) {
  const { height, width } = HOUSE;
  return (
    [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ] as const
  ).map(corner);
}

/** Uploads the community's plan with its doors and areas, as far as an interrupted start has not done so. */
export async function seedFloorPlan(api: ApiClient, site: Site): Promise<void> {
  const { items } = await api.call(floorPlanEndpoints.list, {});
  let plan = items.find(({ name }) => name === NAME);
  if (plan === undefined) {
    const upload = { type: "image/svg+xml", bytes: readFileSync(DRAWING) };
    ({ plan } = await api.call(floorPlanEndpoints.create, { query: { name: NAME }, upload }));
  }
  const params = { id: plan.id };
  if (plan.doors.length === 0) {
    const doors = DOORS.map(({ key, position }) => ({ portalId: idOf(site.portals, key), ...position }));
    plan = await api.call(floorPlanEndpoints.placeDoors, {
      params,
      body: { doors, revision: plan.revision },
    });
  }
  if (plan.areas.length > 0) return;
  const areas = [
    { areaId: idOf(site.areas, GROUNDS), corners: WITHIN_WALLS.map(corner) },
    ...HOUSES.map((at, index) => ({
      areaId: idOf(site.areas, BUILDINGS[index]?.key ?? ""),
      corners: shapeOf(at),
    })),
  ];
  await api.call(floorPlanEndpoints.drawAreas, { params, body: { areas, revision: plan.revision } });
}
