import Type, { type Static } from "typebox";
import {
  API_BASE,
  CredentialKindName,
  GradeLetter,
  NameText,
  PageFields,
  RecordFields,
  ResidencyRoleName,
  Uuid,
  ValidityRange,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { WayInViolation } from "./problem.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";

const closed = { additionalProperties: false };
const ids = Type.Optional(Type.Array(Uuid, { maxItems: 5_000, uniqueItems: true }));

/** A person matches if every selector that is present matches; without any, nobody does. */
const Who = Type.Object(
  {
    roles: Type.Optional(Type.Array(ResidencyRoleName, { uniqueItems: true })),
    personIds: ids,
    dwellingIds: ids,
    buildingIds: ids,
  },
  closed,
);
/** The access points listed, and those leading into the areas listed. */
const Where = Type.Object({ accessPointIds: ids, areaIds: ids }, closed);

const ruleInput = {
  name: NameText,
  who: Who,
  where: Where,
  /** Absent: always. */
  scheduleId: Type.Optional(Uuid),
  /** Absent: every kind. */
  means: Type.Optional(Type.Array(CredentialKindName, { minItems: 1, uniqueItems: true })),
  minimumGrade: GradeLetter,
  validity: ValidityRange,
  overridesLockdown: Type.Optional(Type.Boolean()),
};
export const Rule = Type.Object({
  ...RecordFields,
  ...ruleInput,
  /** Unique in the community and never used again; reasons of events name rules by it. */
  number: Type.Integer({ minimum: 1 }),
  name: Type.String(),
  scheduleName: Type.Optional(Type.String()),
});
export type Rule = Static<typeof Rule>;
export const RuleCreate = Type.Object(ruleInput, closed);
export type RuleCreate = Static<typeof RuleCreate>;

export const ruleEndpoints = {
  ...recordEndpoints(
    { one: "rule", many: "rules", path: "rules" },
    {
      item: Rule,
      create: RuleCreate,
      update: withRevision(ruleInput),
      query: Type.Object(
        { ...PageFields, scheduleId: Type.Optional(Uuid), removed: Type.Optional(Type.Boolean()) },
        closed,
      ),
    },
  ),
  check: endpoint({
    id: "checkRule",
    method: "POST",
    path: `${API_BASE}/rules/check`,
    tag: "rules",
    summary: "what creating, replacing or removing a rule would do, without doing it",
    body: Type.Object(
      {
        /** Absent: a new rule. */
        id: Type.Optional(Uuid),
        /** Absent: remove it. */
        rule: Type.Optional(RuleCreate),
      },
      closed,
    ),
    response: Type.Object({
      allowed: Type.Boolean(),
      /** How many people the rule would match now. */
      personCount: Type.Integer(),
      violations: Type.Array(WayInViolation),
      violationCount: Type.Integer(),
    }),
    shows: { what: "ways-in", reason: "for-names" },
  }),
} as const;
