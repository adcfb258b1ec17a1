import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const path = `${API_BASE}/cases/:id/evidence`;
const Reasoned = Type.String({ minLength: 10, maxLength: 1_000, pattern: "\\S" });

/** `waiting`: its content is fixed and on its way into the log; `forgotten`: it went with its epoch, as no hold kept it. */
export const EVIDENCE_STATES = ["waiting", "ready", "forgotten"] as const;
export type EvidenceState = (typeof EVIDENCE_STATES)[number];

/** What was done with a package, by whom; `sealed` and `forgotten` are the server's. */
export const EVIDENCE_ACTS = ["made", "sealed", "fetched", "forgotten"] as const;
export type EvidenceAct = (typeof EVIDENCE_ACTS)[number];

export const EvidencePackageItem = Type.Object({
  id: Uuid,
  madeAt: EpochMs,
  madeBy: Type.String(),
  reason: Type.String(),
  state: Type.Enum([...EVIDENCE_STATES]),
  contentSha256: hexBytes(32, 32),
  packageSha256: Type.Optional(hexBytes(32, 32)),
  sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  /** By the time-stamping authority's clock. */
  stampedAt: Type.Optional(EpochMs),
  /** Oldest first. */
  custody: Type.Array(
    Type.Object({
      at: EpochMs,
      what: Type.Enum([...EVIDENCE_ACTS]),
      by: Type.Optional(Type.String()),
      recipient: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
    }),
  ),
});
export type EvidencePackageItem = Static<typeof EvidencePackageItem>;

export const caseEvidenceEndpoints = {
  list: endpoint({
    id: "listCaseEvidence",
    method: "GET",
    path,
    tag: "cases",
    summary: "evidence packages of a case, the newest first, each with who touched it when",
    params: IdParams,
    response: Type.Object({
      items: Type.Array(EvidencePackageItem, { maxItems: 100 }),
      /** Whether this server asks a time-stamping authority. */
      stamps: Type.Boolean(),
    }),
  }),
  make: endpoint({
    id: "makeCaseEvidence",
    method: "POST",
    path,
    tag: "cases",
    summary:
      "fix the evidence of a case and tell the log; the package is ready once the log has published it",
    params: IdParams,
    body: Type.Object({ reason: Reasoned }, closed),
    response: EvidencePackageItem,
    status: 201,
  }),
  fetch: endpoint({
    id: "fetchCaseEvidence",
    method: "POST",
    path: `${path}/:packageId/fetch`,
    tag: "cases",
    summary: "take a package out, to hand it over; noted in its custody list",
    params: Type.Object({ id: Uuid, packageId: Uuid }, closed),
    body: Type.Object(
      { recipient: Type.String({ minLength: 2, maxLength: 200, pattern: "\\S" }), reason: Reasoned },
      closed,
    ),
    response: Type.Object({
      name: Type.String(),
      sha256: hexBytes(32, 32),
      /** The package in base64. */
      file: Type.String(),
    }),
  }),
} as const;
