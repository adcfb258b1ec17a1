import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NoContent, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { WITNESS_BODIES, WITNESS_TROUBLES } from "./evidence.ts";

const closed = { additionalProperties: false };
const WITNESSES = `${API_BASE}/witnesses`;

/** A witness as those see it who register them. */
export const WitnessView = Type.Object({
  id: Uuid,
  body: Type.Enum([...WITNESS_BODIES]),
  /** Name in its key. */
  name: Type.String(),
  /** C2SP verifier key. */
  key: Type.String(),
  url: Type.String(),
  /** It cosigns and counts towards no quorum. */
  extra: Type.Boolean(),
  addedAt: EpochMs,
  /** Its cosignature on the published checkpoint. */
  cosignedAt: Type.Optional(EpochMs),
  /** What came of asking it last. */
  trouble: Type.Optional(Type.Enum([...WITNESS_TROUBLES])),
});
export type WitnessView = Static<typeof WitnessView>;

export const WitnessSettings = Type.Object({
  /** Bodies that must have cosigned before a checkpoint is shown; never more than have a witness that counts. */
  quorum: Type.Integer({ minimum: 0, maximum: 3 }),
  /** Whether residents' witnesses, all together one body, count towards the quorum. */
  residentsCount: Type.Boolean(),
  revision: Revision,
});
export type WitnessSettings = Static<typeof WitnessSettings>;

export const WitnessList = Type.Object({
  settings: WitnessSettings,
  /** What a witness must be given to watch this log. */
  logKey: Type.String(),
  items: Type.Array(WitnessView),
  /** What custodians have not endorsed yet; absent: nothing, or there are no custodians. */
  waiting: Type.Optional(
    Type.Object({
      version: Type.Integer({ minimum: 1 }),
      proposedAt: EpochMs,
      /** How many custodians must endorse it. */
      threshold: Type.Integer({ minimum: 1 }),
      endorsedBy: Type.Array(Type.String({ description: "body of a custodian" })),
      missing: Type.Array(Type.String({ description: "body of a custodian" })),
      /** Gates go by it already, because it asks for no less; custodians' programs do not. */
      inForce: Type.Boolean(),
    }),
  ),
});
export type WitnessList = Static<typeof WitnessList>;

export const WitnessCreate = Type.Object(
  {
    body: Type.Enum([...WITNESS_BODIES]),
    /** HTTPS, or plain HTTP on this machine; `/add-checkpoint` is appended. */
    url: Type.String({
      maxLength: 500,
      pattern: "^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])([:/]|$))",
    }),
    /** As `menshen witness` prints it. */
    key: Type.String({ minLength: 1, maxLength: 300 }),
  },
  closed,
);
export type WitnessCreate = Static<typeof WitnessCreate>;

export const witnessEndpoints = {
  list: endpoint({
    id: "listWitnesses",
    method: "GET",
    path: WITNESSES,
    tag: "evidence",
    summary: "witnesses of the evidence log, and how many bodies must sign",
    response: WitnessList,
  }),
  add: endpoint({
    id: "addWitness",
    method: "POST",
    path: WITNESSES,
    tag: "evidence",
    summary:
      "register a witness, after it has cosigned the log with the key that is given; stands in the evidence log",
    body: WitnessCreate,
    response: WitnessView,
    status: 201,
    reason: "required",
  }),
  remove: endpoint({
    id: "removeWitness",
    method: "DELETE",
    path: `${WITNESSES}/:id`,
    tag: "evidence",
    summary: "take a witness out; refused while the quorum needs it; stands in the evidence log",
    params: IdParams,
    response: NoContent,
    reason: "required",
  }),
  settings: endpoint({
    id: "changeWitnessSettings",
    method: "PUT",
    path: `${WITNESSES}/settings`,
    tag: "evidence",
    summary:
      "set how many bodies must sign, and whether residents' witnesses count; stands in the evidence log",
    body: Type.Object({ ...WitnessSettings.properties }, closed),
    response: WitnessSettings,
    reason: "required",
  }),
} as const;
