import Type, { type Static } from "typebox";
import { ChangeReason } from "./change-reason.ts";
import { API_BASE, EpochMs, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const KEYS = `${API_BASE}/card-keys`;
const REQUESTS = `${KEYS}/requests`;
const Version = Type.Integer({ minimum: 1, maximum: 127 });

/** Work on card keys that two persons decide: `start` a new version for all cards, `end` an old one. */
export const KEY_ACTS = ["start", "end"] as const;
export type KeyAct = (typeof KEY_ACTS)[number];

/** `expired`: nobody agreed in time. */
export const KEY_REQUEST_STATES = ["waiting", "done", "withdrawn", "expired"] as const;

/** What one person asked to be done with card keys, and what became of it. */
export const KeyRequest = Type.Object({
  id: Uuid,
  act: Type.Enum([...KEY_ACTS]),
  /** Of `start` the version that began (absent while it waits), of `end` the one to end. */
  version: Type.Optional(Version),
  requestedBy: Type.String(),
  /** This session's person asked. */
  own: Type.Boolean(),
  reason: ChangeReason,
  requestedAt: EpochMs,
  /** Another person must agree until then. */
  expiresAt: EpochMs,
  state: Type.Enum([...KEY_REQUEST_STATES]),
  /** Who agreed to it, or took it back. */
  decidedBy: Type.Optional(Type.String()),
  decidedAt: Type.Optional(EpochMs),
});
export type KeyRequest = Static<typeof KeyRequest>;

export const keyRequestEndpoints = {
  list: endpoint({
    id: "listKeyRequests",
    method: "GET",
    path: REQUESTS,
    tag: "credentials",
    summary: "work on card keys that awaits a second person, then the latest that is over; at most 20",
    response: Type.Object({ items: Type.Array(KeyRequest) }),
  }),
  askToStart: endpoint({
    id: "askForCardKeyVersion",
    method: "POST",
    path: KEYS,
    tag: "credentials",
    summary: "ask for a new version of card keys; another person agrees within twelve hours",
    response: KeyRequest,
    status: 201,
    reason: "required",
  }),
  askToEnd: endpoint({
    id: "askToEndCardKeyVersion",
    method: "POST",
    path: `${KEYS}/versions/:version/end`,
    tag: "credentials",
    summary:
      "ask to end a version that no card carries any more, which destroys its masters; another person agrees",
    params: Type.Object({ version: Version }, closed),
    response: KeyRequest,
    status: 201,
    reason: "required",
  }),
  agree: endpoint({
    id: "agreeToKeyWork",
    method: "POST",
    path: `${REQUESTS}/:id/agree`,
    tag: "credentials",
    summary: "agree to what somebody else asked; it happens at once",
    params: IdParams,
    response: KeyRequest,
    reason: "required",
  }),
  withdraw: endpoint({
    id: "withdrawKeyWork",
    method: "POST",
    path: `${REQUESTS}/:id/withdraw`,
    tag: "credentials",
    summary: "take back what one asked, or refuse what somebody else asked",
    params: IdParams,
    response: KeyRequest,
  }),
} as const;
