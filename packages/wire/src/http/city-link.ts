import Type, { type Static } from "typebox";
import { API_BASE, hexBytes, IdParams, NameText, NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "link";
const base = `${API_BASE}/link`;
/** 32 bytes, base64url. */
export const Key32 = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
const Element = hexBytes(32, 32);

/** First word of the header `authorization` of a community's requests. */
export const COMMUNITY_SCHEME = "Menshen-Community";
/** How far the clocks of community and city may differ. */
export const COMMUNITY_TOLERANCE_MS = 120_000;
/** Numbers that are asked about in one request. */
export const EVALUATIONS_AT_ONCE = 32;

/** Chips whose copies are told of. PINs, plates, passes and faces are nobody's merchandise, or say too much. */
export const CITY_CHIPS = ["desfire", "ntag424", "uid", "wiegand", "osdp-raw", "pkoc"] as const;
export type CityChip = (typeof CITY_CHIPS)[number];
export const CityChipName = Type.Enum([...CITY_CHIPS]);

/** A word of the city's own list; never a text that somebody wrote into a report. */
export const IssuerCode = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,23}$" });

/** `case`: a case that was closed as somebody else's copy; `listing`: numbers offered for sale, or seized. */
export const REPORT_SOURCES = ["case", "listing"] as const;

/**
 * What a community says of one copied card, and all it says. INVARIANT: no field can carry a text, a person, a place or a
 * moment: fields that are not here are refused.
 */
export const CityReport = Type.Object(
  {
    source: Type.Enum([...REPORT_SOURCES]),
    /** The Monday (UTC) of the week in which it was confirmed; nothing finer is sent. */
    week: Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
    chip: CityChipName,
    issuer: Type.Optional(IssuerCode),
    keyVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
    /** First 2 bytes of a number of 4, first 3 of a longer one. */
    batchPrefix: Type.Optional(hexBytes(2, 3)),
    /** First half of the PRF's output for the whole number, under the city's key. */
    numberTag: Type.Optional(Element),
  },
  closed,
);
export type CityReport = Static<typeof CityReport>;

/** Up to so many communities an incident says "a few" in place of how many: fewer could be told apart. */
export const FEWEST_SHOWN = 3;

/** An incident as a community hears of it. */
export const LinkIncident = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  /** Absent below three. */
  communities: Type.Optional(Type.Integer({ minimum: FEWEST_SHOWN })),
  /** Monday of the week of the first report. */
  since: Type.String(),
  state: Type.Enum(["open", "closed"]),
  /** Reports of the asking community that belong to it. */
  reportIds: Type.Array(Uuid),
});
export type LinkIncident = Static<typeof LinkIncident>;

export const CityIssuer = Type.Object({ code: IssuerCode, name: NameText });
export type CityIssuer = Static<typeof CityIssuer>;

export const cityLinkEndpoints = {
  enrol: endpoint({
    id: "enrolCommunity",
    method: "POST",
    path: `${base}/enrol`,
    tag,
    summary:
      "make a community's key known, once, with the code that the city handed over; signed with that key",
    body: Type.Object({ code: Key32 }, closed),
    response: Type.Object({
      /** What the city calls this community. */
      name: NameText,
      /** Public key of the PRF; kept by the community, and every answer is checked against it. */
      evaluationKey: Element,
      evaluationsADay: Type.Integer({ minimum: 1 }),
    }),
  }),
  evaluate: endpoint({
    id: "evaluateNumbers",
    method: "POST",
    path: `${base}/evaluations`,
    tag,
    summary:
      "blinded numbers, evaluated under the city's key with a proof (RFC 9497); `rate-limited` beyond the day's",
    body: Type.Object(
      { blinded: Type.Array(Element, { minItems: 1, maxItems: EVALUATIONS_AT_ONCE }) },
      closed,
    ),
    response: Type.Object({
      evaluated: Type.Array(Element),
      proof: hexBytes(64, 64),
      /** How many more today (UTC). */
      left: Type.Integer({ minimum: 0 }),
    }),
  }),
  report: endpoint({
    id: "reportCopy",
    method: "PUT",
    path: `${base}/reports/:id`,
    tag,
    summary: "features of one confirmed copy; sent again under the same id it changes nothing",
    params: IdParams,
    body: CityReport,
    response: NoContent,
  }),
  withdraw: endpoint({
    id: "withdrawReport",
    method: "DELETE",
    path: `${base}/reports/:id`,
    tag,
    summary: "take back a report: the case was opened again",
    params: IdParams,
    response: NoContent,
  }),
  incidents: endpoint({
    id: "listLinkIncidents",
    method: "GET",
    path: `${base}/incidents`,
    tag,
    summary: "incidents that this community's own reports belong to, and issuers that reports may name",
    response: Type.Object({
      items: Type.Array(LinkIncident),
      issuers: Type.Array(CityIssuer),
    }),
  }),
} as const;
