import { canonicalJson } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NameText, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/**
 * Why somebody is deleted: they asked themselves; their last home here ended; the desk did it, or a removal could no more be
 * undone; a copy of the database from before was put back, and they are deleted from it again.
 */
export const DELETION_GROUNDS = ["asked", "left", "desk", "restored"] as const;
export type DeletionGround = (typeof DELETION_GROUNDS)[number];

/** Where the community's server has something about a person. */
export const DELETION_STORES = ["database", "person-key", "trail", "search"] as const;
export type DeletionStore = (typeof DELETION_STORES)[number];

/** `released`: the gate was revoked or replaced before it answered; nothing is asked of it any more. */
export const DELETION_GATE_STATES = ["awaiting", "answered", "released"] as const;
export type DeletionGateState = (typeof DELETION_GATE_STATES)[number];

/** How far a deletion is. Names nobody. */
export const Deletion = Type.Object({
  id: Uuid,
  ground: Type.Enum([...DELETION_GROUNDS]),
  begunAt: EpochMs,
  /** All receipts are there. */
  closedAt: Type.Optional(EpochMs),
  /** Sealed entries of doors are dead by then, records of administration gone by then. */
  sealedUntil: EpochMs,
  recordsUntil: EpochMs,
  stores: Type.Array(
    Type.Object({
      store: Type.Enum([...DELETION_STORES]),
      /** When it was looked through and held nothing of this person; absent: not yet. */
      at: Type.Optional(EpochMs),
    }),
    { maxItems: 8 },
  ),
  gates: Type.Array(
    Type.Object({
      gateId: Uuid,
      name: Type.String(),
      state: Type.Enum([...DELETION_GATE_STATES]),
      isOnline: Type.Boolean(),
      at: Type.Optional(EpochMs),
    }),
    { maxItems: 10_000 },
  ),
});
export type Deletion = Static<typeof Deletion>;

/** A deletion with its receipts, as a text that the community signed: `menshen verify deletion`. */
export const DeletionWithReceipts = Type.Object({ deletion: Deletion, receipt: Type.String() });
export type DeletionWithReceipts = Static<typeof DeletionWithReceipts>;

/** What opens the progress of one deletion without an account: the account is gone. */
export const DeletionCode = Type.Object({
  code: Type.String(),
  /** With the code behind the `#`, which no server sees. */
  link: Type.String(),
});
export type DeletionCode = Static<typeof DeletionCode>;

export const deletionEndpoints = {
  list: endpoint({
    id: "listDeletions",
    method: "GET",
    path: `${API_BASE}/deletions`,
    tag: "people",
    summary: "deletions of persons and how far they are, the newest first; names nobody",
    response: Type.Object({ items: Type.Array(Deletion, { maxItems: 200 }) }),
  }),
  get: endpoint({
    id: "getDeletion",
    method: "GET",
    path: `${API_BASE}/deletions/:id`,
    tag: "people",
    summary: "a deletion with the receipts of stores and gates",
    params: IdParams,
    response: DeletionWithReceipts,
  }),
  slip: endpoint({
    id: "makeDeletionSlip",
    method: "POST",
    path: `${API_BASE}/deletions/:id/code`,
    tag: "people",
    summary: "a code on paper for whoever was deleted, by which they see how far it is; an earlier one ends",
    params: IdParams,
    response: DeletionCode,
  }),
  progress: endpoint({
    id: "readDeletionProgress",
    method: "POST",
    path: `${API_BASE}/deletion-progress`,
    tag: "people",
    summary: "how far one's own deletion is, by its code",
    body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }, closed),
    response: DeletionWithReceipts,
  }),
} as const;

/** Of residents, about themselves. */
export const ownDeletionEndpoints = {
  code: endpoint({
    id: "makeOwnDeletionCode",
    method: "POST",
    path: `${API_BASE}/resident/deletion-code`,
    tag: "resident",
    summary: "a code to keep: it shows the progress of one's deletion when the account is gone",
    response: DeletionCode,
  }),
  ask: endpoint({
    id: "deleteOneself",
    method: "POST",
    path: `${API_BASE}/resident/deletion`,
    tag: "resident",
    summary:
      "delete oneself now: every way in ends, and it cannot be undone; one's name is typed, and one's own key signs",
    body: Type.Object(
      { displayName: NameText, challenge: hexBytes(32, 32), signature: hexBytes(64, 64) },
      closed,
    ),
    response: DeletionCode,
  }),
} as const;

/** What a resident's key signs for deleting its owner: a session alone, left open or taken, deletes nobody. */
export const deletionTexts = {
  ask: (communityId: string, challenge: string): string =>
    canonicalJson({ use: "menshen/self-deletion/v1", communityId, challenge }),
} as const;
