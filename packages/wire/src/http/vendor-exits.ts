import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/**
 * `returned`: data and device went back, nothing of the community is on it; `deleted`: what was on it was wiped; `kept`: a
 * device that stays with the community under somebody else's care.
 */
export const VENDOR_EXIT_OUTCOMES = ["returned", "deleted", "kept"] as const;
export type VendorExitOutcome = (typeof VENDOR_EXIT_OUTCOMES)[number];

export const VENDOR_EXIT_KINDS = ["store", "gate", "reader"] as const;
export type VendorExitKind = (typeof VENDOR_EXIT_KINDS)[number];

const Words = Type.String({ minLength: 4, maxLength: 1_000, pattern: "\\S" });

/** A vendor that goes, with everything of the community's that it has. */
export const VendorExit = Type.Object({
  id: Uuid,
  vendorId: Uuid,
  vendorName: Type.String(),
  ground: Type.String(),
  begunAt: EpochMs,
  /** Every line has its receipt. */
  closedAt: Type.Optional(EpochMs),
  items: Type.Array(
    Type.Object({
      id: Uuid,
      kind: Type.Enum([...VENDOR_EXIT_KINDS]),
      name: Type.String(),
      outcome: Type.Optional(Type.Enum([...VENDOR_EXIT_OUTCOMES])),
      words: Type.Optional(Type.String()),
      sha256: Type.Optional(hexBytes(32, 32)),
      at: Type.Optional(EpochMs),
      leafIndex: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    { maxItems: 20_000 },
  ),
});
export type VendorExit = Static<typeof VendorExit>;

const EXITS = `${API_BASE}/vendor-exits`;

export const vendorExitEndpoints = {
  list: endpoint({
    id: "listVendorExits",
    method: "GET",
    path: `${API_BASE}/public/vendor-exits`,
    tag: "vendors",
    summary: "vendors that went or are going, and what each store and device of theirs became; for anybody",
    response: Type.Object({ items: Type.Array(VendorExit, { maxItems: 200 }) }),
  }),
  begin: endpoint({
    id: "beginVendorExit",
    method: "POST",
    path: `${API_BASE}/vendors/:id/exit`,
    tag: "vendors",
    summary: "a vendor goes: list every store and device of theirs; stands in the evidence log",
    params: IdParams,
    body: Type.Object({ ground: Words }, closed),
    response: VendorExit,
    status: 201,
  }),
  receipt: endpoint({
    id: "enterVendorExitReceipt",
    method: "PUT",
    path: `${EXITS}/:id/items/:itemId`,
    tag: "vendors",
    summary: "what became of one store or device, with the receipt of it; stands in the evidence log",
    params: Type.Object({ id: Uuid, itemId: Uuid }, closed),
    body: Type.Object(
      {
        outcome: Type.Enum([...VENDOR_EXIT_OUTCOMES]),
        words: Words,
        /** Of the paper or file that was handed over. */
        sha256: Type.Optional(hexBytes(32, 32)),
        /** Who looks after a gate that stays, from now on; its readers go with it. */
        vendorId: Type.Optional(Uuid),
      },
      closed,
    ),
    response: VendorExit,
  }),
  close: endpoint({
    id: "closeVendorExit",
    method: "POST",
    path: `${EXITS}/:id/close`,
    tag: "vendors",
    summary: "close an exit; refused while a store or device lacks its receipt",
    params: IdParams,
    response: VendorExit,
  }),
} as const;
