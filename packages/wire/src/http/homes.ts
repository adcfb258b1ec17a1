import Type, { type Static } from "typebox";
import {
  API_BASE,
  EpochMs,
  IdParams,
  NameText,
  PageFields,
  RecordFields,
  ResidencyRoleName,
  Uuid,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };
const removed = Type.Optional(Type.Boolean({ description: "list removed ones instead" }));
const text = Type.Optional(Type.String({ maxLength: 80, description: "part of the name" }));

export const Building = Type.Object({
  ...RecordFields,
  name: Type.String(),
  /** The area behind its entrance; a building without a door of its own names the area it stands in. */
  areaId: Uuid,
  dwellingCount: Type.Integer(),
});
export type Building = Static<typeof Building>;
const buildingInput = {
  name: NameText,
  /** Absent: the community's grounds. */
  areaId: Type.Optional(Uuid),
};
export const BuildingCreate = Type.Object(buildingInput, closed);
export type BuildingCreate = Static<typeof BuildingCreate>;

export const buildingEndpoints = recordEndpoints(
  { one: "building", many: "buildings", path: "buildings" },
  {
    item: Building,
    create: BuildingCreate,
    update: withRevision(buildingInput),
    query: Type.Object({ ...PageFields, text, removed }, closed),
  },
);

export const Dwelling = Type.Object({
  ...RecordFields,
  buildingId: Uuid,
  buildingName: Type.String(),
  name: Type.String(),
  /** People whose residency here holds now. */
  residentCount: Type.Integer(),
});
export type Dwelling = Static<typeof Dwelling>;
const dwellingInput = { buildingId: Uuid, name: NameText };
export const DwellingCreate = Type.Object(dwellingInput, closed);
export type DwellingCreate = Static<typeof DwellingCreate>;

export const dwellingEndpoints = recordEndpoints(
  { one: "dwelling", many: "dwellings", path: "dwellings" },
  {
    item: Dwelling,
    create: DwellingCreate,
    update: withRevision(dwellingInput),
    query: Type.Object({ ...PageFields, buildingId: Type.Optional(Uuid), text, removed }, closed),
  },
);

/** Where and as what a person lives or works here. */
export const Residency = Type.Object({
  ...RecordFields,
  personId: Uuid,
  personName: Type.String(),
  role: ResidencyRoleName,
  /** Absent for staff. */
  dwellingId: Type.Optional(Uuid),
  dwellingName: Type.Optional(Type.String()),
  buildingName: Type.Optional(Type.String()),
  from: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
  /** Whether it holds at the moment of the answer. */
  state: Type.Enum(["future", "current", "past"]),
});
export type Residency = Static<typeof Residency>;

const residencyFields = {
  role: ResidencyRoleName,
  /** Needed for every role but staff, and absent for staff. */
  dwellingId: Type.Optional(Uuid),
  from: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
};
export const ResidencyCreate = Type.Object({ personId: Uuid, ...residencyFields }, closed);
export type ResidencyCreate = Static<typeof ResidencyCreate>;

/**
 * A person is a name that the household chose, or an alias, and nothing more: no identity number, no telephone, no
 * employer, no picture (PIPL art. 6).
 */
export const Person = Type.Object({
  ...RecordFields,
  displayName: Type.String(),
  residencies: Type.Array(Residency),
  /** Credentials that are active now. */
  credentialCount: Type.Integer(),
});
export type Person = Static<typeof Person>;
const personInput = { displayName: NameText };
export const PersonCreate = Type.Object(
  {
    ...personInput,
    /** Moves the person in within the same change. */
    residency: Type.Optional(Type.Object(residencyFields, closed)),
  },
  closed,
);
export type PersonCreate = Static<typeof PersonCreate>;

/** What became of somebody's data, for them to keep. Names nobody. */
export const PersonErasure = Type.Object({
  erasedAt: EpochMs,
  /**
   * Sealed entries that the person's credentials left die by then: the end of the present epoch, and the retention. Until
   * then they say a card number that belongs to nobody; only what a hold names lives longer.
   */
  sealedUntil: EpochMs,
  /** Records of administration that say an id, and no name, are kept until then. */
  recordsUntil: EpochMs,
  /** How many statements of the evidence log lost their text and their salt. */
  statements: Type.Integer({ minimum: 0 }),
  /** The leaf that tells of the erasure. */
  leafId: Uuid,
  /** By which the receipts of stores and gates are read. */
  deletionId: Uuid,
});
export type PersonErasure = Static<typeof PersonErasure>;

export const personEndpoints = {
  ...recordEndpoints(
    { one: "person", many: "people", path: "people" },
    {
      item: Person,
      create: PersonCreate,
      update: withRevision(personInput),
      query: Type.Object(
        {
          ...PageFields,
          text,
          dwellingId: Type.Optional(Uuid),
          buildingId: Type.Optional(Uuid),
          role: Type.Optional(ResidencyRoleName),
          removed,
        },
        closed,
      ),
    },
    { created: false },
  ),
  erase: endpoint({
    id: "erasePerson",
    method: "POST",
    path: `${API_BASE}/people/:id/erasure`,
    tag: "people",
    summary: "delete a removed person for good, with homes, credentials, account and who looked",
    params: IdParams,
    response: PersonErasure,
    reason: "required",
  }),
} as const;

export const residencyEndpoints = {
  ...recordEndpoints(
    { one: "residency", many: "residencies", path: "residencies" },
    {
      item: Residency,
      create: ResidencyCreate,
      update: withRevision(residencyFields),
      query: Type.Object(
        {
          ...PageFields,
          personId: Type.Optional(Uuid),
          dwellingId: Type.Optional(Uuid),
          state: Type.Optional(Type.Enum(["future", "current", "past"])),
          removed,
        },
        closed,
      ),
    },
    { created: true },
  ),
  moveOut: endpoint({
    id: "moveOut",
    method: "POST",
    path: `${API_BASE}/residencies/:id/move-out`,
    tag: "residencies",
    summary: "end a residency; blocks the person's credentials of that dwelling if the end is now",
    params: IdParams,
    body: Type.Object({ at: Type.Optional(EpochMs) }, closed),
    response: Type.Object({ residency: Residency, blockedCredentialIds: Type.Array(Uuid) }),
    shows: { what: "record", reason: "required" },
  }),
} as const;
