import Type, { type Static } from "typebox";
import { INCIDENT_KINDS } from "./breach.ts";
import { API_BASE, EpochMs, IdParams, NameText, NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const Title = NameText;
const Text = Type.String({ minLength: 1, maxLength: 4_000 });

/** Whom a message is for: everybody who lives here, a building, a home. */
export const Audience = Type.Union([
  Type.Object({ kind: Type.Literal("all") }, closed),
  Type.Object({ kind: Type.Literal("building"), id: Uuid }, closed),
  Type.Object({ kind: Type.Literal("home"), id: Uuid }, closed),
]);
export type Audience = Static<typeof Audience>;

/** Tells residents something about their home, their rights or their data. Nothing is offered or advertised in it. */
export const ServiceNoticeInput = Type.Object({ title: Title, text: Text, audience: Audience }, closed);
export type ServiceNoticeInput = Static<typeof ServiceNoticeInput>;

/**
 * Offers or advertises something. Another type than a notice, sent by another operation: it goes to nobody who did not
 * consent to this purpose.
 */
export const CommercialMessageInput = Type.Object(
  { title: Title, text: Text, audience: Audience, advertiserId: Uuid },
  closed,
);
export type CommercialMessageInput = Static<typeof CommercialMessageInput>;

/** A count of people; below 10 it says no more than that. */
export const PeopleCount = Type.Union([
  Type.Object({ count: Type.Integer({ minimum: 10 }) }),
  Type.Object({ below: Type.Literal(10) }),
]);
export type PeopleCount = Static<typeof PeopleCount>;

const SentFields = {
  id: Uuid,
  title: Type.String(),
  text: Type.String(),
  sentAt: EpochMs,
  /** How many it went to. */
  addressed: PeopleCount,
  /** How many opened it. */
  read: PeopleCount,
};
export const SentNotice = Type.Object(SentFields);
export type SentNotice = Static<typeof SentNotice>;
export const SentCommercialMessage = Type.Object({ ...SentFields, advertiser: Type.String() });
export type SentCommercialMessage = Static<typeof SentCommercialMessage>;

/** How many a message would reach. */
export const Reach = Type.Object({ addressed: PeopleCount });

export const OwnNotice = Type.Object({
  id: Uuid,
  title: Type.String(),
  text: Type.String(),
  sentAt: EpochMs,
  readAt: Type.Optional(EpochMs),
  /** It tells of an incident that concerns this person. */
  incident: Type.Optional(
    Type.Object({ id: Uuid, kind: Type.Enum([...INCIDENT_KINDS]), publishedAt: Type.Optional(EpochMs) }),
  ),
});
export type OwnNotice = Static<typeof OwnNotice>;
export const OwnCommercialMessage = Type.Object({
  id: Uuid,
  title: Type.String(),
  text: Type.String(),
  sentAt: EpochMs,
  /** Who pays for it. */
  advertiser: Type.String(),
  /** The consent by which it came. */
  consentId: Type.String(),
});
export type OwnCommercialMessage = Static<typeof OwnCommercialMessage>;

export const messageEndpoints = {
  notices: endpoint({
    id: "listSentNotices",
    method: "GET",
    path: `${API_BASE}/notices`,
    tag: "messages",
    summary: "notices that were sent, newest first, with counts only",
    response: Type.Object({ items: Type.Array(SentNotice) }),
  }),
  noticeReach: endpoint({
    id: "countNoticeReach",
    method: "POST",
    path: `${API_BASE}/notices/reach`,
    tag: "messages",
    summary: "how many a notice would reach",
    body: Type.Object({ audience: Audience }, closed),
    response: Reach,
  }),
  sendNotice: endpoint({
    id: "sendNotice",
    method: "POST",
    path: `${API_BASE}/notices`,
    tag: "messages",
    summary: "send a notice about the home, rights or data of residents",
    body: ServiceNoticeInput,
    response: SentNotice,
    status: 201,
  }),
  commercial: endpoint({
    id: "listSentCommercialMessages",
    method: "GET",
    path: `${API_BASE}/commercial-messages`,
    tag: "messages",
    summary: "commercial messages that were sent, newest first, with counts only",
    response: Type.Object({ items: Type.Array(SentCommercialMessage) }),
  }),
  commercialReach: endpoint({
    id: "countCommercialReach",
    method: "POST",
    path: `${API_BASE}/commercial-messages/reach`,
    tag: "messages",
    summary: "how many consented to commercial messages of this advertiser",
    body: Type.Object({ audience: Audience, advertiserId: Uuid }, closed),
    response: Reach,
  }),
  sendCommercial: endpoint({
    id: "sendCommercialMessage",
    method: "POST",
    path: `${API_BASE}/commercial-messages`,
    tag: "messages",
    summary: "send a commercial message to those who consented; refused where nobody did",
    body: CommercialMessageInput,
    response: SentCommercialMessage,
    status: 201,
  }),
  ownNotices: endpoint({
    id: "listOwnNotices",
    method: "GET",
    path: `${API_BASE}/resident/notices`,
    tag: "messages",
    summary: "notices to this resident, newest first",
    response: Type.Object({ items: Type.Array(OwnNotice) }),
  }),
  readNotice: endpoint({
    id: "markNoticeRead",
    method: "POST",
    path: `${API_BASE}/resident/notices/:id/read`,
    tag: "messages",
    summary: "this notice was opened",
    params: IdParams,
    response: NoContent,
  }),
  ownCommercial: endpoint({
    id: "listOwnCommercialMessages",
    method: "GET",
    path: `${API_BASE}/resident/commercial-messages`,
    tag: "messages",
    summary: "commercial messages that this resident agreed to get",
    response: Type.Object({ isOn: Type.Boolean(), items: Type.Array(OwnCommercialMessage) }),
  }),
  stopCommercial: endpoint({
    id: "stopCommercialMessages",
    method: "POST",
    path: `${API_BASE}/resident/commercial-messages/stop`,
    tag: "messages",
    summary: "no more commercial messages, from now on",
    response: NoContent,
  }),
} as const;

/** Somebody to whom residents' data may go, each with its own consent. */
export const SharingRecipient = Type.Object({
  id: Uuid,
  name: Type.String(),
  /** What for. */
  purpose: Type.String(),
  contact: Type.String(),
  /** Whom they use for it, by name; anybody else is refused. */
  subProcessors: Type.Array(Type.String()),
  since: EpochMs,
  endedAt: Type.Optional(EpochMs),
});
export type SharingRecipient = Static<typeof SharingRecipient>;

export const SharingRecipientInput = Type.Object(
  {
    name: NameText,
    purpose: Type.String({ minLength: 1, maxLength: 200 }),
    contact: Type.String({ minLength: 1, maxLength: 200 }),
    subProcessors: Type.Array(NameText, { maxItems: 20, uniqueItems: true }),
  },
  closed,
);
export type SharingRecipientInput = Static<typeof SharingRecipientInput>;

export const sharingEndpoints = {
  list: endpoint({
    id: "listSharingRecipients",
    method: "GET",
    path: `${API_BASE}/sharing-recipients`,
    tag: "sharing",
    summary: "who may get residents' data, each with their consent; for anybody",
    response: Type.Object({ items: Type.Array(SharingRecipient) }),
  }),
  register: endpoint({
    id: "registerSharingRecipient",
    method: "POST",
    path: `${API_BASE}/sharing-recipients`,
    tag: "sharing",
    summary: "register a recipient; recorded in public",
    body: SharingRecipientInput,
    response: SharingRecipient,
    status: 201,
  }),
  end: endpoint({
    id: "endSharingRecipient",
    method: "DELETE",
    path: `${API_BASE}/sharing-recipients/:id`,
    tag: "sharing",
    summary: "nothing goes to this recipient any more",
    params: IdParams,
    response: SharingRecipient,
  }),
  share: endpoint({
    id: "shareWithRecipient",
    method: "POST",
    path: `${API_BASE}/sharing-recipients/:id/shares`,
    tag: "sharing",
    summary: "give a registered recipient the name and homes of a person who consented to exactly this",
    params: IdParams,
    body: Type.Object(
      {
        personId: Uuid,
        /** Everybody who will handle the data for the recipient. */
        subProcessors: Type.Array(NameText, { maxItems: 20, uniqueItems: true }),
      },
      closed,
    ),
    response: Type.Object({
      person: Type.Object({ id: Uuid, name: Type.String(), homes: Type.Array(Type.String()) }),
      /** The consent it rests on. */
      consentId: Type.String(),
      /** Leaf of the evidence log that the resident can check. */
      leafId: Uuid,
    }),
    shows: { what: "record", reason: "required" },
    reason: "required",
  }),
} as const;
