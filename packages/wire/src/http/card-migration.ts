import Type, { type Static } from "typebox";
import { API_BASE, CredentialKindName, EpochMs, GradeLetter, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const MIGRATION = `${API_BASE}/card-migration`;
const Count = Type.Integer({ minimum: 0 });

/** How many credentials are worth which grade, after grade caps. */
export const GradeCounts = Type.Object({ A: Count, B: Count, C: Count, D: Count, E: Count });
export type GradeCounts = Static<typeof GradeCounts>;

/** Credentials in use by grade; counts alone, nobody's name. */
export const MigrationReport = Type.Object({
  at: EpochMs,
  /** When the last mere number ends. */
  legacyUntil: EpochMs,
  grades: GradeCounts,
  /** Holders of a mere number: those who are to come by. */
  toVisit: Count,
  /** Mere numbers that end within so many days from now, each counted once, in the nearest. */
  ending: Type.Object({ within7: Count, within30: Count, within60: Count }),
  /** Those with most people to come first; without a building: who lives in none. */
  buildings: Type.Array(
    Type.Object({
      buildingId: Type.Optional(Uuid),
      buildingName: Type.Optional(Type.String()),
      grades: GradeCounts,
      toVisit: Count,
    }),
  ),
  /** The same at the beginning of each of the last twelve months, and now; the oldest first. */
  progress: Type.Array(Type.Object({ at: EpochMs, grades: GradeCounts })),
});
export type MigrationReport = Static<typeof MigrationReport>;

/** Somebody who still holds a mere number. */
export const ToVisit = Type.Object({
  personId: Uuid,
  personName: Type.String(),
  buildingName: Type.Optional(Type.String()),
  dwellingName: Type.Optional(Type.String()),
  /** Holds a better one too: only the old one is to be taken back. */
  hasBetter: Type.Boolean(),
  credentials: Type.Array(
    Type.Object({
      id: Uuid,
      kind: CredentialKindName,
      label: Type.String(),
      grade: GradeLetter,
      until: Type.Optional(EpochMs),
    }),
  ),
});
export type ToVisit = Static<typeof ToVisit>;

export const cardMigrationEndpoints = {
  report: endpoint({
    id: "readCardMigration",
    method: "GET",
    path: MIGRATION,
    tag: "credentials",
    summary: "each building's credentials by grade, and how that changed",
    response: MigrationReport,
  }),
  toVisit: endpoint({
    id: "listPeopleToVisit",
    method: "GET",
    path: `${MIGRATION}/to-visit`,
    tag: "credentials",
    summary: "who still holds a credential that anybody can copy, by building and dwelling; at most 1,000",
    query: Type.Object({ buildingId: Type.Optional(Uuid) }, { additionalProperties: false }),
    response: Type.Object({ items: Type.Array(ToVisit) }),
    shows: { what: "credentials", reason: "required" },
  }),
} as const;
