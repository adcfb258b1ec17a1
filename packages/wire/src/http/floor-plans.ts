import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NameText, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "floor-plans";

/** The largest drawing or picture. */
export const FLOOR_PLAN_MAX_BYTES = 10 * 1024 * 1024;
/** The longest side of a picture, in pixels. */
export const FLOOR_PLAN_MAX_SIDE_PX = 12_000;
/** Pixels of a picture at most: a tablet must hold it in memory. */
export const FLOOR_PLAN_MAX_PIXELS = 50_000_000;
const FLOOR_PLAN_TYPES = ["image/svg+xml", "image/png", "image/jpeg"] as const;
export type FloorPlanType = (typeof FLOOR_PLAN_TYPES)[number];

/** Thousandths of the plan's width and height, from its upper left corner. */
const Thousandth = Type.Integer({ minimum: 0, maximum: 1000 });
const PlanPoint = Type.Object({ x: Thousandth, y: Thousandth }, closed);

const PlanDoor = Type.Object({ portalId: Uuid, x: Thousandth, y: Thousandth }, closed);
/** Corners in order; the last is joined to the first. */
const PlanArea = Type.Object(
  { areaId: Uuid, corners: Type.Array(PlanPoint, { minItems: 3, maxItems: 200 }) },
  closed,
);

export const FloorPlan = Type.Object({
  id: Uuid,
  name: Type.String(),
  type: Type.Enum([...FLOOR_PLAN_TYPES]),
  /** Of the cleaned image; its address is `imagePath`, which changes with it. */
  sizeBytes: Type.Integer(),
  /** Width by height: pixels of a picture, units of a drawing. */
  width: Type.Number(),
  height: Type.Number(),
  imagePath: Type.String(),
  /** A door stands on one plan at most. */
  doors: Type.Array(PlanDoor),
  areas: Type.Array(PlanArea),
  revision: Revision,
  /** Present if it was removed; it can be restored for a while. */
  removedAt: Type.Optional(EpochMs),
});
export type FloorPlan = Static<typeof FloorPlan>;

export const REMOVED_PARTS = [
  "script",
  "event-handler",
  "foreign-content",
  "embedded-image",
  "external-reference",
  "link",
  "animation",
  "style",
  "doctype",
  "metadata",
  "other",
] as const;
export type RemovedPartKind = (typeof REMOVED_PARTS)[number];
/** What was taken out of an uploaded image, so that whoever uploads it can see whether something is missing. */
export const RemovedPart = Type.Object({
  what: Type.Enum([...REMOVED_PARTS]),
  count: Type.Integer({ minimum: 1 }),
});
export type RemovedPart = Static<typeof RemovedPart>;

/**
 * Why a file is not taken: neither SVG, PNG nor JPEG; cut off or broken; more pixels than a tablet holds; XML that is not
 * a drawing; no width and height; one side twenty times the other; drawn of more parts than a tablet draws; nothing to see
 * left.
 */
export const FLOOR_PLAN_FAULTS = [
  "unknown-type",
  "damaged",
  "too-many-pixels",
  "not-a-drawing",
  "no-size",
  "odd-shape",
  "too-complex",
  "nothing-left",
] as const;
export type FloorPlanFault = (typeof FLOOR_PLAN_FAULTS)[number];

/** What the file truly is shows in its bytes. */
const upload = { types: FLOOR_PLAN_TYPES, maxBytes: FLOOR_PLAN_MAX_BYTES };
const Uploaded = Type.Object({ plan: FloorPlan, removed: Type.Array(RemovedPart) });

const base = `${API_BASE}/floor-plans`;

export const floorPlanEndpoints = {
  list: endpoint({
    id: "listFloorPlans",
    method: "GET",
    path: base,
    tag,
    summary: "floor plans by name, with the doors and areas drawn on them",
    response: Type.Object({ items: Type.Array(FloorPlan) }),
  }),
  /**
   * SVG, PNG or JPEG. `invalid-request` has one of `FLOOR_PLAN_FAULTS` as the message of its field `body`; `too-large`:
   * more than 10 MiB, said before the rest of it is read.
   */
  create: endpoint({
    id: "createFloorPlan",
    method: "POST",
    path: base,
    tag,
    summary: "upload a plan: cleaned of scripts, references and hidden facts before it is stored",
    query: Type.Object({ name: NameText }, closed),
    upload,
    response: Uploaded,
    status: 201,
  }),
  rename: endpoint({
    id: "renameFloorPlan",
    method: "PUT",
    path: `${base}/:id`,
    tag,
    summary: "give it another name",
    params: IdParams,
    body: Type.Object({ name: NameText, revision: Revision }, closed),
    response: FloorPlan,
  }),
  replace: endpoint({
    id: "replaceFloorPlanImage",
    method: "PUT",
    path: `${base}/:id/upload`,
    tag,
    summary: "upload another image for it; doors and areas stay where they are",
    params: IdParams,
    query: Type.Object({ revision: Revision }, closed),
    upload,
    response: Uploaded,
  }),
  /** Bytes, with their type; cached by its address, which changes with the image. */
  image: endpoint({
    id: "getFloorPlanImage",
    method: "GET",
    path: `${base}/:id/image/:version`,
    tag,
    summary: "the cleaned image",
    params: Type.Object({ id: Uuid, version: Type.String({ pattern: "^[0-9a-f]{16}$" }) }, closed),
    response: Type.String(),
  }),
  /** Replaces all doors of this plan; those left out stand on none. */
  placeDoors: endpoint({
    id: "placeDoorsOnFloorPlan",
    method: "PUT",
    path: `${base}/:id/doors`,
    tag,
    summary: "say which doors stand where on it",
    params: IdParams,
    body: Type.Object({ doors: Type.Array(PlanDoor, { maxItems: 1_000 }), revision: Revision }, closed),
    response: FloorPlan,
  }),
  /** Replaces all areas of this plan. */
  drawAreas: endpoint({
    id: "drawAreasOnFloorPlan",
    method: "PUT",
    path: `${base}/:id/areas`,
    tag,
    summary: "draw areas on it",
    params: IdParams,
    body: Type.Object({ areas: Type.Array(PlanArea, { maxItems: 200 }), revision: Revision }, closed),
    response: FloorPlan,
  }),
  remove: endpoint({
    id: "removeFloorPlan",
    method: "DELETE",
    path: `${base}/:id`,
    tag,
    summary: "take it away; deleted for good after 30 days",
    params: IdParams,
    response: FloorPlan,
  }),
  /** Doors that were put on another plan meanwhile stay there. */
  restore: endpoint({
    id: "restoreFloorPlan",
    method: "POST",
    path: `${base}/:id/restore`,
    tag,
    summary: "undo the removal",
    params: IdParams,
    response: FloorPlan,
  }),
} as const;
