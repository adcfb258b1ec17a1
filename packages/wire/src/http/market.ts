import Type, { type Static } from "typebox";
import { CityChipName, CityIssuer, IssuerCode } from "./city-link.ts";
import {
  API_BASE,
  EpochMs,
  hexBytes,
  IdParams,
  LocalDateText,
  NoContent,
  RecordFields,
  Uuid,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "market";
const base = `${API_BASE}/market`;

/** Numbers that one listing holds. */
export const MARKET_MAX_NUMBERS = 50;
export const MARKET_PHOTO_TYPES = ["image/jpeg", "image/png"] as const;
export const MARKET_PHOTO_MAX_BYTES = 5 * 1024 * 1024;

/** An offer somewhere on the net, or cards that were taken in. */
export const LISTING_KINDS = ["online", "seized"] as const;
export type ListingKind = (typeof LISTING_KINDS)[number];

const Number_ = Type.Object(
  {
    /** 4 to 10 bytes as printed or read: lower-case hexadecimal. */
    number: hexBytes(4, 10),
    chip: CityChipName,
  },
  closed,
);

export const ListingInput = Type.Object(
  {
    kind: Type.Enum([...LISTING_KINDS]),
    /** On which day it was seen or taken in. */
    seenOn: LocalDateText,
    url: Type.Optional(Type.String({ maxLength: 500, pattern: "^https?://[^\\s]+$" })),
    text: Type.Optional(Type.String({ maxLength: 4_000, pattern: "\\S" })),
    issuer: Type.Optional(IssuerCode),
    keyVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    numbers: Type.Array(Number_, { maxItems: MARKET_MAX_NUMBERS }),
  },
  closed,
);
export type ListingInput = Static<typeof ListingInput>;

/** `waiting`: not yet asked; `asked`: the city compares it; absent without a city. */
const AtCity = Type.Optional(
  Type.Object({
    state: Type.Enum(["waiting", "told", "refused"]),
    /** A number of an incident that it belongs to. */
    incident: Type.Optional(Type.Integer()),
    /** Communities that have it too, this one counted; absent below three. */
    communities: Type.Optional(Type.Integer()),
  }),
);
export type AtCity = Static<typeof AtCity>;

export const ListedNumber = Type.Object({
  id: Uuid,
  number: Type.String(),
  chip: CityChipName,
  batchPrefix: Type.Optional(Type.String()),
  /** A credential of this community that has this number, in force or not. Its holder is looked up elsewhere, with a reason. */
  credential: Type.Optional(
    Type.Object({ id: Uuid, kind: Type.String(), label: Type.String(), state: Type.String() }),
  ),
  city: AtCity,
});
export type ListedNumber = Static<typeof ListedNumber>;

export const ListingItem = Type.Object({
  ...RecordFields,
  kind: Type.Enum([...LISTING_KINDS]),
  seenOn: LocalDateText,
  notedAt: EpochMs,
  notedBy: Type.String(),
  /** The beginning of its text. */
  words: Type.Optional(Type.String()),
  numbers: Type.Integer(),
  credentials: Type.Integer(),
  hasPhoto: Type.Boolean(),
});
export type ListingItem = Static<typeof ListingItem>;

export const ListingDetail = Type.Object({
  ...RecordFields,
  kind: Type.Enum([...LISTING_KINDS]),
  seenOn: LocalDateText,
  notedAt: EpochMs,
  notedBy: Type.String(),
  url: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  issuer: Type.Optional(Type.String()),
  keyVersion: Type.Optional(Type.Integer()),
  /** Changes with the photo. */
  photo: Type.Optional(Type.String()),
  numbers: Type.Array(ListedNumber),
  /** Cases that were closed as copies and share a batch with it. */
  cases: Type.Array(
    Type.Object({ id: Uuid, openedAt: EpochMs, chip: CityChipName, batchPrefix: Type.String() }),
  ),
});
export type ListingDetail = Static<typeof ListingDetail>;

export const marketEndpoints = {
  list: endpoint({
    id: "listMarketListings",
    method: "GET",
    path: `${base}/listings`,
    tag,
    summary: "cards that were offered for sale or seized, the newest first",
    query: Type.Object({ removed: Type.Optional(Type.Boolean()) }, closed),
    response: Type.Object({ items: Type.Array(ListingItem, { maxItems: 500 }) }),
  }),
  create: endpoint({
    id: "noteMarketListing",
    method: "POST",
    path: `${base}/listings`,
    tag,
    summary: "write down a listing or a seized batch; its numbers are compared with this community's cards",
    body: ListingInput,
    response: ListingDetail,
    status: 201,
  }),
  get: endpoint({
    id: "getMarketListing",
    method: "GET",
    path: `${base}/listings/:id`,
    tag,
    summary: "one listing with the credentials and cases that it fits",
    params: IdParams,
    response: ListingDetail,
  }),
  addPhoto: endpoint({
    id: "addMarketPhoto",
    method: "PUT",
    path: `${base}/listings/:id/photo`,
    tag,
    summary:
      "its photo, in place of the one before: JPEG or PNG; what the camera wrote about place and time is taken out",
    params: IdParams,
    upload: { types: MARKET_PHOTO_TYPES, maxBytes: MARKET_PHOTO_MAX_BYTES },
    response: ListingDetail,
  }),
  photo: endpoint({
    id: "getMarketPhoto",
    method: "GET",
    path: `${base}/listings/:id/photo`,
    tag,
    summary: "the photo",
    params: IdParams,
    response: Type.String(),
  }),
  remove: endpoint({
    id: "removeMarketListing",
    method: "DELETE",
    path: `${base}/listings/:id`,
    tag,
    summary: "take it away; for 30 days it can be put back",
    params: IdParams,
    response: NoContent,
  }),
  restore: endpoint({
    id: "restoreMarketListing",
    method: "POST",
    path: `${base}/listings/:id/restore`,
    tag,
    summary: "put it back",
    params: IdParams,
    response: ListingDetail,
  }),
} as const;

/** What the desk read from a card that was copied. Of the number only its batch and the city's answer are kept. */
export const CopiedCardInput = Type.Object(
  {
    chip: CityChipName,
    /** As the desk reader shows it. */
    number: Type.Optional(hexBytes(4, 10)),
    issuer: Type.Optional(IssuerCode),
    keyVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  },
  closed,
);
export type CopiedCardInput = Static<typeof CopiedCardInput>;

export const CopiedCard = Type.Object({
  chip: CityChipName,
  batchPrefix: Type.Optional(Type.String()),
  issuer: Type.Optional(Type.String()),
  keyVersion: Type.Optional(Type.Integer()),
  /** The whole number is compared too. */
  hasNumber: Type.Boolean(),
  week: Type.String(),
  city: AtCity,
});
export type CopiedCard = Static<typeof CopiedCard>;

export const copiedCardEndpoints = {
  get: endpoint({
    id: "getCopiedCard",
    method: "GET",
    path: `${API_BASE}/cases/:id/copied-card`,
    tag,
    summary: "what is known of the card of a case that was closed as a copy, and what the city answered",
    params: IdParams,
    response: Type.Object({ card: Type.Optional(CopiedCard) }),
  }),
  put: endpoint({
    id: "noteCopiedCard",
    method: "PUT",
    path: `${API_BASE}/cases/:id/copied-card`,
    tag,
    summary:
      "write down the card of a case that was closed as a copy; the city is told of it, and of nothing else",
    params: IdParams,
    body: CopiedCardInput,
    response: Type.Object({ card: Type.Optional(CopiedCard) }),
  }),
  remove: endpoint({
    id: "forgetCopiedCard",
    method: "DELETE",
    path: `${API_BASE}/cases/:id/copied-card`,
    tag,
    summary: "take it back, at the city too",
    params: IdParams,
    response: Type.Object({ card: Type.Optional(CopiedCard) }),
  }),
} as const;

export const CityConnection = Type.Object({
  isConnected: Type.Boolean(),
  url: Type.Optional(Type.String()),
  /** What the city calls this community. */
  name: Type.Optional(Type.String()),
  enrolledAt: Type.Optional(EpochMs),
  heardAt: Type.Optional(EpochMs),
  /** Why the last attempt failed. */
  trouble: Type.Optional(Type.Enum(["unreachable", "refused", "rate-limited", "not-believed"])),
  waiting: Type.Integer({ minimum: 0 }),
  issuers: Type.Array(CityIssuer),
});
export type CityConnection = Static<typeof CityConnection>;

export const cityConnectionEndpoints = {
  get: endpoint({
    id: "getCityConnection",
    method: "GET",
    path: `${API_BASE}/city-connection`,
    tag,
    summary: "whether this community tells the city of confirmed copies, and how that goes",
    response: CityConnection,
  }),
  connect: endpoint({
    id: "connectCity",
    method: "POST",
    path: `${API_BASE}/city-connection`,
    tag,
    summary: "connect to the city with the code that it handed over",
    body: Type.Object(
      {
        url: Type.String({ maxLength: 300, pattern: "^https?://[^/?#\\s@]+/?$" }),
        code: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
      },
      closed,
    ),
    response: CityConnection,
  }),
  disconnect: endpoint({
    id: "disconnectCity",
    method: "DELETE",
    path: `${API_BASE}/city-connection`,
    tag,
    summary: "tell the city nothing any more; what it knows stays there",
    response: CityConnection,
  }),
} as const;
