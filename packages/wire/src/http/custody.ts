import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NoContent, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const CUSTODY = `${API_BASE}/custody`;
const CUSTODIAN = `${API_BASE}/custodian`;

const Key = hexBytes(32, 32);
/** docs/protocol/custody.md, "What custodians' programs sign beside". */
const Objection = hexBytes(66, 4_096);
const Signature = hexBytes(64, 64);
const Index = Type.Integer({ minimum: 1, maximum: 32 });
const Epoch = Type.Integer({ minimum: 1, maximum: 0xffff_ffff });
/** 0 stands for the key of a motion's ballots. */
const EpochOfKey = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const Body = Type.String({
  pattern: "^[a-z][a-z0-9-]{0,31}$",
  description: "`committee`, `property`, `city`, …",
});

/** `gathering`: not all custodians are there; `running`: they make the keys; the others are ends. */
export const CEREMONY_STATES = ["gathering", "running", "finished", "failed"] as const;
export type CeremonyStateName = (typeof CEREMONY_STATES)[number];

/**
 * Why a ceremony came to nothing; see docs/protocol/custody.md. `stopped`: by a member of staff,
 * or because other custodians came into office; `seat-forged`: the board showed a key as one's that is not; `seat-disputed`:
 * one says so whom the board, by its own account, showed no such key; `disagreed`: its custodians say different things.
 */
export const CEREMONY_FAILURES = [
  "vanished",
  "malformed",
  "possession-unproved",
  "bad-share",
  "false-complaint",
  "equivocated",
  "views-differ",
  "unconfirmed",
  "unusable-keys",
  "seat-forged",
  "seat-disputed",
  "stopped",
  "disagreed",
] as const;
export type CeremonyFailure = (typeof CEREMONY_FAILURES)[number];

/** What a custodian's program can say of a ceremony that it stopped. */
export const REPORTED_FAILURES = CEREMONY_FAILURES.filter(
  (failure) => failure !== "stopped" && failure !== "disagreed",
);

export const Custodian = Type.Object({
  index: Index,
  body: Body,
  /** Ed25519. */
  identityKey: Key,
  /** When its program last asked for something. */
  lastSeenAt: Type.Optional(EpochMs),
});
export type CustodianView = Static<typeof Custodian>;

export const CustodianSetView = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  threshold: Index,
  members: Type.Array(Custodian),
  /** Absent: it waits until enough custodians of the set before endorsed it. */
  inForceSince: Type.Optional(EpochMs),
  /** Custodians of the set before that endorsed it. */
  endorsedBy: Type.Array(Index),
});
export type CustodianSetView = Static<typeof CustodianSetView>;

export const CeremonyView = Type.Object({
  id: Uuid,
  setVersion: Type.Integer({ minimum: 1 }),
  state: Type.Enum([...CEREMONY_STATES]),
  firstEpoch: EpochOfKey,
  epochCount: Type.Integer({ minimum: 1, maximum: 64 }),
  /** The motion for whose ballots it makes the key; absent: keys of epochs. */
  motionId: Type.Optional(Uuid),
  startedAt: EpochMs,
  /** It is given up then. */
  expiresAt: EpochMs,
  endedAt: Type.Optional(EpochMs),
  /** Custodians that are there. */
  present: Type.Array(Index),
  failure: Type.Optional(Type.Enum([...CEREMONY_FAILURES])),
  /** Custodians that are to answer for the failure, by index and body. */
  named: Type.Array(Type.Object({ index: Index, body: Body })),
});
export type CeremonyView = Static<typeof CeremonyView>;

/** How far an epoch's key is on its way. */
export const EpochView = Type.Object({
  epoch: Epoch,
  from: EpochMs,
  /** Its end. */
  until: EpochMs,
  /** Its shares are destroyed then, and what was sealed in it is closed for ever. */
  diesAt: EpochMs,
  /** Absent: no ceremony made a key. */
  setVersion: Type.Optional(Type.Integer({ minimum: 1 })),
  receipts: Type.Array(
    Type.Object({
      body: Body,
      setVersion: Type.Integer({ minimum: 1 }),
      /** Absent: not received yet. */
      destroyedAt: Type.Optional(EpochMs),
      /** A day after the epoch's death there is still no receipt. */
      overdue: Type.Boolean(),
      leafId: Type.Optional(Uuid),
    }),
  ),
});
export type EpochView = Static<typeof EpochView>;

/** Epoch n covers [anchorMs + (n − 1) · epochMs, anchorMs + n · epochMs). */
const EpochGridView = Type.Object({ anchorMs: EpochMs, epochMs: Type.Integer({ minimum: 1 }) });

export const CustodySettings = Type.Object({
  retentionDays: Type.Integer({ minimum: 0, maximum: 30 }),
  revision: Revision,
});
export type CustodySettings = Static<typeof CustodySettings>;

export const CustodyStatus = Type.Object({
  settings: CustodySettings,
  /** The same for the life of the community. */
  grid: EpochGridView,
  currentEpoch: Epoch,
  /** Epochs after the current one that have keys, without a gap. */
  epochsLeft: Type.Integer({ minimum: 0 }),
  custodians: Type.Optional(CustodianSetView),
  /** A set that waits for endorsements. */
  waiting: Type.Optional(CustodianSetView),
  ceremony: Type.Optional(CeremonyView),
  /** The last one that ended. */
  lastCeremony: Type.Optional(CeremonyView),
  /** From the oldest that is not wholly destroyed, or was so lately, to the last with keys. */
  epochs: Type.Array(EpochView),
});
export type CustodyStatus = Static<typeof CustodyStatus>;

export const custodyEndpoints = {
  status: endpoint({
    id: "getCustody",
    method: "GET",
    path: CUSTODY,
    tag: "custody",
    summary: "custodians, ceremonies, epochs and what was destroyed; for anybody",
    response: CustodyStatus,
  }),
  appoint: endpoint({
    id: "appointCustodians",
    method: "POST",
    path: `${CUSTODY}/custodians`,
    tag: "custody",
    summary:
      "appoint a whole set of custodians; the first is in force at once, a later one when enough custodians of the set before endorsed it",
    body: Type.Object(
      {
        threshold: Type.Integer({ minimum: 2, maximum: 32 }),
        members: Type.Array(Type.Object({ body: Body, identityKey: Key }, closed), {
          minItems: 2,
          maxItems: 32,
        }),
      },
      closed,
    ),
    response: CustodianSetView,
    status: 201,
    reason: "required",
  }),
  settings: endpoint({
    id: "changeCustodySettings",
    method: "PUT",
    path: `${CUSTODY}/settings`,
    tag: "custody",
    summary: "set for how many days after its end an epoch can be opened; stands in the evidence log",
    body: Type.Object({ ...CustodySettings.properties }, closed),
    response: CustodySettings,
    reason: "required",
  }),
  startCeremony: endpoint({
    id: "startCeremony",
    method: "POST",
    path: `${CUSTODY}/ceremonies`,
    tag: "custody",
    summary: "call the custodians to make keys",
    response: CeremonyView,
    status: 201,
  }),
  stopCeremony: endpoint({
    id: "stopCeremony",
    method: "POST",
    path: `${CUSTODY}/ceremonies/:id/stop`,
    tag: "custody",
    summary: "give up a ceremony that is under way",
    params: IdParams,
    response: CeremonyView,
    reason: "required",
  }),
} as const;

/** A set of custodians as its members' programs check it. */
const SignedSet = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  /** As docs/protocol/custody.md encodes it. */
  encoded: hexBytes(1, 4_096),
  endorsements: Type.Array(Type.Object({ index: Index, signature: Signature })),
});

/** A policy of witnesses as custodians' programs check it. */
const SignedPolicy = {
  version: Type.Integer({ minimum: 1 }),
  /** As docs/protocol/custody.md encodes it. */
  encoded: hexBytes(1, 20_480),
  endorsements: Type.Array(Type.Object({ index: Index, signature: Signature })),
};

export const CustodianStandingView = Type.Object({
  communityId: Uuid,
  communityName: Type.String(),
  nowMs: EpochMs,
  grid: EpochGridView,
  retentionDays: Type.Integer({ minimum: 0, maximum: 30 }),
  /** All sets that were in force, the present one last. */
  sets: Type.Array(SignedSet),
  waiting: Type.Optional(SignedSet),
  /** The last one that custodians endorsed; `setVersion` is theirs. */
  witnessPolicy: Type.Optional(Type.Object({ ...SignedPolicy, setVersion: Type.Integer({ minimum: 1 }) })),
  /** Not endorsed by enough of the present custodians yet. */
  waitingPolicy: Type.Optional(Type.Object(SignedPolicy)),
  ceremony: Type.Optional(CeremonyView),
  lastCeremony: Type.Optional(CeremonyView),
  epochsLeft: Type.Integer({ minimum: 0 }),
});
export type CustodianStandingView = Static<typeof CustodianStandingView>;

export const CeremonyTable = Type.Object({
  ceremony: CeremonyView,
  /** Of the setup. */
  ceremonyId: Key,
  seats: Type.Array(
    Type.Object({
      index: Index,
      publicKey: Key,
      signature: Signature,
      /** It has the keys, and vouched for the setup. */
      vouch: Type.Optional(Signature),
      /** It was shown other seats than these, and signed that. */
      objection: Type.Optional(Objection),
    }),
  ),
  messages: Type.Array(
    Type.Object({ position: Type.Integer({ minimum: 1 }), index: Index, message: hexBytes(1, 262_144) }),
  ),
});
export type CeremonyTable = Static<typeof CeremonyTable>;

/** For custodians' programs, which sign each request with their identity key. */
export const custodianEndpoints = {
  standing: endpoint({
    id: "getCustodianStanding",
    method: "GET",
    path: CUSTODIAN,
    tag: "custodian",
    summary: "what a custodian's program needs to know to go on",
    response: CustodianStandingView,
  }),
  endorse: endpoint({
    id: "endorseCustodians",
    method: "POST",
    path: `${CUSTODIAN}/endorsements`,
    tag: "custodian",
    summary: "endorse the set that waits to take the place of the present one",
    body: Type.Object({ version: Type.Integer({ minimum: 2 }), signature: Signature }, closed),
    response: CustodianSetView,
  }),
  endorsePolicy: endpoint({
    id: "endorseWitnessPolicy",
    method: "POST",
    path: `${CUSTODIAN}/witness-endorsements`,
    tag: "custodian",
    summary: "endorse the log and the witnesses that gates and custodians' programs are to believe",
    body: Type.Object({ version: Type.Integer({ minimum: 1 }), signature: Signature }, closed),
    response: NoContent,
  }),
  startCeremony: endpoint({
    id: "startCeremonyAsCustodian",
    method: "POST",
    path: `${CUSTODIAN}/ceremonies`,
    tag: "custodian",
    summary: "call the custodians to make keys, or join the call that stands",
    response: CeremonyView,
  }),
  table: endpoint({
    id: "getCeremony",
    method: "GET",
    path: `${CUSTODIAN}/ceremonies/:id`,
    tag: "custodian",
    summary: "who is there and what was said since",
    params: IdParams,
    query: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, closed),
    response: CeremonyTable,
  }),
  sit: endpoint({
    id: "sitDown",
    method: "POST",
    path: `${CUSTODIAN}/ceremonies/:id/seat`,
    tag: "custodian",
    summary: "bring a key for this ceremony; the last one to sit down begins it",
    params: IdParams,
    body: Type.Object({ publicKey: Key, signature: Signature }, closed),
    response: CeremonyView,
  }),
  say: endpoint({
    id: "sayAtCeremony",
    method: "POST",
    path: `${CUSTODIAN}/ceremonies/:id/messages`,
    tag: "custodian",
    summary: "put a message before all others",
    params: IdParams,
    body: Type.Object({ message: hexBytes(1, 262_144) }, closed),
    response: NoContent,
  }),
  fail: endpoint({
    id: "reportCeremonyFailure",
    method: "POST",
    path: `${CUSTODIAN}/ceremonies/:id/failure`,
    tag: "custodian",
    summary: "say why one's program stopped, and who is to answer for it",
    params: IdParams,
    body: Type.Object(
      {
        reason: Type.Enum(REPORTED_FAILURES),
        custodians: Type.Array(Index, { maxItems: 32, uniqueItems: true }),
        /** With `seat-forged`, and only then. */
        objection: Type.Optional(Objection),
      },
      closed,
    ),
    response: CeremonyView,
  }),
  finish: endpoint({
    id: "finishCeremony",
    method: "POST",
    path: `${CUSTODIAN}/ceremonies/:id/finish`,
    tag: "custodian",
    summary: "hand in the certificate and vouch for the setup, after the shares are stored",
    params: IdParams,
    body: Type.Object({ certificate: hexBytes(1, 65_536), vouch: Signature }, closed),
    response: CeremonyView,
  }),
  receipt: endpoint({
    id: "acknowledgeDestruction",
    method: "POST",
    path: `${CUSTODIAN}/receipts`,
    tag: "custodian",
    summary: "say that a share is destroyed; stands in the evidence log",
    body: Type.Object(
      { ceremony: Uuid, epoch: EpochOfKey, destroyedAt: EpochMs, signature: Signature },
      closed,
    ),
    response: NoContent,
  }),
} as const;
