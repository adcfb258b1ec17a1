import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NameText, PageFields, RecordFields, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { recordEndpoints, withRevision } from "./record-endpoints.ts";
import { PERMISSIONS, STAFF_ROLES } from "./session.ts";

const closed = { additionalProperties: false };

const ownRoleInput = {
  name: NameText,
  /** The default role that it is a kind of: gives its duty, and what residents read where such an account looked. */
  base: Type.Enum([...STAFF_ROLES]),
  /** Of those that roles of the same duty have. */
  permissions: Type.Array(Type.Enum([...PERMISSIONS]), { minItems: 1, uniqueItems: true }),
};
/** A role that a community made of permissions. */
export const OwnRole = Type.Object({ ...RecordFields, ...ownRoleInput, name: Type.String() });
export type OwnRole = Static<typeof OwnRole>;
export const OwnRoleCreate = Type.Object(ownRoleInput, closed);
export type OwnRoleCreate = Static<typeof OwnRoleCreate>;
export const ownRoleEndpoints = recordEndpoints(
  { one: "ownRole", many: "ownRoles", path: "roles" },
  {
    item: OwnRole,
    create: OwnRoleCreate,
    update: withRevision(ownRoleInput),
    query: Type.Object({ ...PageFields, removed: Type.Optional(Type.Boolean()) }, closed),
  },
);

export const rolePermissionEndpoints = {
  list: endpoint({
    id: "listRolePermissions",
    method: "GET",
    path: `${API_BASE}/role-permissions`,
    tag: "roles",
    summary: "what a role of each kind can be given: what roles of its duty have",
    response: Type.Object({
      items: Type.Array(
        Type.Object({
          base: Type.Enum([...STAFF_ROLES]),
          permissions: Type.Array(Type.Enum([...PERMISSIONS])),
        }),
      ),
    }),
  }),
} as const;

/** The longest that accounts of vendors work at a stretch. */
export const VENDOR_ACCESS_LONGEST_HOURS = 12;

/** Hours in which accounts with the role `vendor` work; at any other time they do not. */
export const VendorAccess = Type.Object({
  id: Uuid,
  company: Type.String(),
  openedBy: Type.String(),
  reasonCode: Type.String(),
  reasonText: Type.Optional(Type.String()),
  openedAt: EpochMs,
  until: EpochMs,
  /** Closed before `until`. */
  closedAt: Type.Optional(EpochMs),
  closedBy: Type.Optional(Type.String()),
});
export type VendorAccess = Static<typeof VendorAccess>;

export const vendorAccessEndpoints = {
  current: endpoint({
    id: "getVendorAccess",
    method: "GET",
    path: `${API_BASE}/vendor-access/current`,
    tag: "vendor-access",
    summary: "whether vendors can get in now; for everybody of the staff",
    response: Type.Object({ open: Type.Optional(VendorAccess) }),
  }),
  list: endpoint({
    id: "listVendorAccess",
    method: "GET",
    path: `${API_BASE}/vendor-access`,
    tag: "vendor-access",
    summary: "when vendors could get in, newest first",
    response: Type.Object({ items: Type.Array(VendorAccess) }),
  }),
  open: endpoint({
    id: "openVendorAccess",
    method: "POST",
    path: `${API_BASE}/vendor-access`,
    tag: "vendor-access",
    summary: "let vendors in for some hours; ends by itself",
    body: Type.Object(
      {
        company: NameText,
        hours: Type.Integer({ minimum: 1, maximum: VENDOR_ACCESS_LONGEST_HOURS }),
      },
      closed,
    ),
    response: VendorAccess,
    status: 201,
    reason: "required",
  }),
  close: endpoint({
    id: "closeVendorAccess",
    method: "POST",
    path: `${API_BASE}/vendor-access/:id/close`,
    tag: "vendor-access",
    summary: "shut vendors out now; their sessions end",
    params: IdParams,
    response: VendorAccess,
  }),
} as const;
