import { GRADES, VENDOR_FIELDS } from "@menshen/domain";
import Type, { type Static } from "typebox";
import {
  API_BASE,
  EpochMs,
  hexBytes,
  IdParams,
  LocalDateText,
  NameText,
  RecordFields,
  Uuid,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const Line = Type.String({ maxLength: 400, pattern: "^[^\\u0000-\\u001f\\u007f]*$" });
const many = { maxItems: 40 };

/** What a vendor says of itself. An empty list says "none"; an absent field says nothing, and blocks installation. */
export const VendorPageFields = Type.Object(
  {
    name: NameText,
    owner: Type.Optional(Line),
    beneficialOwner: Type.Optional(Line),
    contract: Type.Optional(
      Type.Object({ number: Line, from: LocalDateText, until: LocalDateText, clauses: Line }, closed),
    ),
    fees: Type.Optional(Line),
    adIncome: Type.Optional(Type.Array(Type.Object({ who: Line, what: Line, amount: Line }, closed), many)),
    dataHeld: Type.Optional(Type.Array(Type.Object({ what: Line, where: Line, until: Line }, closed), many)),
    subProcessors: Type.Optional(
      Type.Array(Type.Object({ name: Line, what: Line, where: Line }, closed), many),
    ),
    grade: Type.Optional(
      Type.Object({ grade: Type.Enum([...GRADES]), evidence: Line, until: LocalDateText }, closed),
    ),
    incidents: Type.Optional(Type.Array(Type.Object({ on: Line, what: Line }, closed), many)),
  },
  closed,
);
export type VendorPageFields = Static<typeof VendorPageFields>;

export const VENDOR_LEAVING = ["going", "gone"] as const;

/** A page as everybody reads it, with all that it said before. */
export const Vendor = Type.Object({
  id: Uuid,
  revision: RecordFields.revision,
  page: VendorPageFields,
  /** Empty: its devices may be installed. */
  missing: Type.Array(Type.Enum([...VENDOR_FIELDS])),
  /** The owners' motion by which it came, where the community votes. */
  motionId: Type.Optional(Uuid),
  /** The community votes, and has not decided for it: nothing of it is installed. */
  needsMotion: Type.Boolean(),
  /** It is leaving, or has left: nothing of it is installed any more. */
  leaving: Type.Optional(Type.Enum([...VENDOR_LEAVING])),
  gateNames: Type.Array(Type.String()),
  /** Newest first; each stands in the evidence log by its fingerprint. */
  history: Type.Array(
    Type.Object({
      revision: RecordFields.revision,
      at: EpochMs,
      page: VendorPageFields,
      /** SHA-256 of the page as canonical JSON. */
      sha256: hexBytes(32, 32),
      leafIndex: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
  ),
});
export type Vendor = Static<typeof Vendor>;

const VENDORS = `${API_BASE}/vendors`;

export const vendorEndpoints = {
  list: endpoint({
    id: "listVendors",
    method: "GET",
    path: `${API_BASE}/public/vendors`,
    tag: "vendors",
    summary: "whoever sells or maintains the devices: owner, contract, income, data; for anybody",
    response: Type.Object({ items: Type.Array(Vendor) }),
  }),
  create: endpoint({
    id: "createVendor",
    method: "POST",
    path: VENDORS,
    tag: "vendors",
    summary: "begin a vendor's page; stands in the evidence log",
    body: VendorPageFields,
    response: Vendor,
    status: 201,
  }),
  update: endpoint({
    id: "updateVendor",
    method: "PUT",
    path: `${VENDORS}/:id`,
    tag: "vendors",
    summary: "write a vendor's page anew; what it said before stays readable",
    params: IdParams,
    body: Type.Object({ page: VendorPageFields, revision: RecordFields.revision }, closed),
    response: Vendor,
  }),
} as const;
