import {
  canonicalJson,
  FORBIDDEN_MATTERS,
  MAJORITIES,
  MOTION_STAGES,
  VOTE_CHOICES,
  VOTE_MATTERS,
  VOTE_MEASURES,
  type VoteChoice,
  type VotingTimes,
} from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NameText, NoContent, RecordFields, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { OwnersVoteFields } from "./naming.ts";
import { EvidencePlace } from "./resident.ts";

const closed = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const AreaDm2 = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: "square decimetres: two decimals of a square metre",
});
const Choice = Type.Enum([...VOTE_CHOICES]);
/** Of a head in the roll of one motion. */
export const HeadNumber = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const PersonIds = Type.Array(Uuid, { minItems: 1, maxItems: 32, uniqueItems: true });

/** Who owns a dwelling. Those named may each cast its one ballot. */
export const RollOwner = Type.Union([
  Type.Object({ kind: Type.Literal("persons"), personIds: PersonIds }, closed),
  Type.Object({ kind: Type.Literal("company"), name: NameText, personIds: PersonIds }, closed),
  Type.Object({ kind: Type.Literal("developer"), name: NameText, personIds: PersonIds }, closed),
]);
export type RollOwner = Static<typeof RollOwner>;

export const RollDwelling = Type.Object({
  dwellingId: Uuid,
  /** Building and dwelling. */
  dwellingName: Type.String(),
  areaDm2: AreaDm2,
  /** The same for all that one owner has: one head. */
  ownerId: Uuid,
  kind: Type.Enum(["persons", "company", "developer"]),
  /** Of a company or the developer. */
  ownerName: Type.Optional(Type.String()),
  /** Persons who own it or act for its owner; named only for whoever may read names and said why. */
  persons: Type.Array(Type.Object({ id: Uuid, name: Type.Optional(Type.String()) })),
});
export type RollDwelling = Static<typeof RollDwelling>;

export const OwnersRoll = Type.Object({
  items: Type.Array(RollDwelling),
  heads: Count,
  areaDm2: Count,
  /** Dwellings of the community that nobody entered here. */
  missing: Type.Array(Type.Object({ dwellingId: Uuid, dwellingName: Type.String() })),
});
export type OwnersRoll = Static<typeof OwnersRoll>;

const ParagraphText = Type.String({
  minLength: 1,
  maxLength: 4_000,
  pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]+$",
});
const Matter = Type.Enum([...VOTE_MATTERS]);
const Majority = Type.Enum([...MAJORITIES]);
const times = { opensAt: EpochMs, closesAt: EpochMs };
const motionFields = {
  title: NameText,
  /** In plain words: what changes, what it costs, what happens if it fails. */
  text: ParagraphText,
  /** What a bound setting asks for: days of a retention, the id of a vendor. */
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 80, pattern: "^[ -~]+$" })),
  ...times,
};

/** A motion to be put. The forbidden kinds are here so that whoever chooses one reads which rule forbids it. */
export const MotionDraft = Type.Object(
  {
    ...motionFields,
    matter: Type.Enum([...VOTE_MATTERS, ...FORBIDDEN_MATTERS]),
    /** Refused if it is lower than the matter's. */
    majority: Type.Optional(Majority),
    /** Ballots stay sealed for ever, and custodians open their sums; absent: an open roll. */
    secret: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type MotionDraft = Static<typeof MotionDraft>;

const ChoiceCounts = Type.Object({
  for: Type.Object({ heads: Count, areaDm2: Count }),
  against: Type.Object({ heads: Count, areaDm2: Count }),
  abstain: Type.Object({ heads: Count, areaDm2: Count }),
});
/** What tenants and other residents who own nothing say: beside the vote, and no part of it. */
export const AdvisoryCount = Type.Object({ for: Count, against: Count, abstain: Count });
export type AdvisoryCount = Static<typeof AdvisoryCount>;

export const VoteResult = Type.Object({
  passed: Type.Boolean(),
  vote: OwnersVoteFields,
  choices: ChoiceCounts,
  shortfalls: Type.Array(
    Type.Object({
      measure: Type.Enum([...VOTE_MEASURES]),
      lacks: Type.Enum(["impossible", "quorum", "majority"]),
    }),
  ),
  advisory: AdvisoryCount,
  countedAt: EpochMs,
  /** A secret vote without its quorum: it did not pass whatever was said, so nobody opened what was. */
  unopened: Type.Optional(Type.Literal(true)),
});
export type VoteResult = Static<typeof VoteResult>;

/** How far a secret vote is. */
export const SecretVote = Type.Object({
  /** The key to which ballots are sealed (docs/protocol/custody.md, epoch 0); absent: custodians have not made it. */
  key: Type.Optional(hexBytes(1, 1_200)),
  /** Names the ballots that were added up; absent: nothing was yet. */
  tallySha512: Type.Optional(hexBytes(64, 64)),
  /** Custodians who gave their share of opening the sums. */
  shares: Count,
});
export type SecretVote = Static<typeof SecretVote>;

/** A motion as everybody reads it. */
export const PublicMotion = Type.Object({
  id: Uuid,
  matter: Matter,
  /** Item of the Civil Code, article 278 (1). */
  item: Type.Integer(),
  majority: Majority,
  stage: Type.Enum([...MOTION_STAGES]),
  ...motionFields,
  publishedAt: Type.Optional(EpochMs),
  withdrawnAt: Type.Optional(EpochMs),
  /** SHA-256 of {@link agendaText}; every ballot names it. */
  agendaSha256: Type.Optional(hexBytes(32, 32)),
  /** The roll as it was when the agenda was published. */
  roll: Type.Optional(Type.Object({ heads: Count, areaDm2: Count })),
  /** How many heads have voted so far; how, nobody is told before the end. */
  votedHeads: Count,
  /** Absent: an open roll. */
  secret: Type.Optional(SecretVote),
  result: Type.Optional(VoteResult),
});
export type PublicMotion = Static<typeof PublicMotion>;

/** As the staff sees it. */
export const Motion = Type.Object({
  ...PublicMotion.properties,
  revision: RecordFields.revision,
  papersWaiting: Count,
  proxies: Count,
  /** A setting that came into force by it. */
  usedFor: Type.Optional(Type.String()),
});
export type Motion = Static<typeof Motion>;

/** A head of one motion, for whoever enters paper ballots: by its dwellings, without names. */
export const MotionHead = Type.Object({
  number: HeadNumber,
  dwellingNames: Type.Array(Type.String()),
  areaDm2: AreaDm2,
  /** `waiting`: one person entered its paper; what it says is not shown, so that the second reads for themselves. */
  state: Type.Enum(["open", "waiting", "voted"]),
  /** The waiting paper is one's own entry: somebody else must read it too. */
  mine: Type.Optional(Type.Boolean()),
  proxy: Type.Boolean(),
});
export type MotionHead = Static<typeof MotionHead>;

export const BALLOT_WAYS = ["app", "proxy", "paper"] as const;
export type BallotWay = (typeof BALLOT_WAYS)[number];

/** A ballot that one cast, with what proves that it was recorded as cast. */
const OwnBallot = Type.Object({
  /** Absent in a secret vote: nobody can say, not even this server. */
  choice: Type.Optional(Choice),
  at: EpochMs,
  way: Type.Enum([...BALLOT_WAYS]),
  evidence: EvidencePlace,
});

/** A motion as a resident sees it, with what they may do. */
export const ResidentMotion = Type.Object({
  motion: PublicMotion,
  /** Heads that one may vote for: one's own, or by a registered proxy. */
  heads: Type.Array(
    Type.Object({
      number: HeadNumber,
      areaDm2: AreaDm2,
      dwellingNames: Type.Array(Type.String()),
      byProxy: Type.Boolean(),
      /** Somebody else may vote for this head too, by a registered proxy. */
      hasProxy: Type.Boolean(),
      ballot: Type.Optional(OwnBallot),
    }),
  ),
  /** One lives here and owns nothing: asked beside the vote. */
  advisory: Type.Optional(Type.Object({ ballot: Type.Optional(OwnBallot) })),
});
export type ResidentMotion = Static<typeof ResidentMotion>;

/** A ballot as anybody counts it again: what its leaf says, with the salt that opens it. */
export const OpenedBallot = Type.Object({
  statement: Type.String(),
  salt: hexBytes(32, 32),
  leafIndex: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Of a secret vote: the sealed ballot, whose digest the statement has. */
  sealed: Type.Optional(hexBytes(1, 1_024)),
});
export type OpenedBallot = Static<typeof OpenedBallot>;

/** All that a recount needs. */
export const Recount = Type.Object({
  communityId: Uuid,
  motion: PublicMotion,
  /** `[number, areaDm2]` of each head, ascending. */
  roll: Type.Array(Type.Tuple([HeadNumber, AreaDm2])),
  rollSha256: hexBytes(32, 32),
  /** Empty before the end of the vote. */
  ballots: Type.Array(OpenedBallot),
  advisory: Type.Array(OpenedBallot),
  /** Of a secret vote: custodians' shares of opening its sums. */
  shares: Type.Optional(Type.Array(hexBytes(1, 512))),
});
export type Recount = Static<typeof Recount>;

/** What is hashed and signed of votes, as canonical JSON. */
export const voteTexts = {
  agenda: (
    communityId: string,
    motion: VotingTimes & {
      readonly id: string;
      readonly matter: string;
      readonly title: string;
      readonly text: string;
      readonly subject?: string | undefined;
      /** Of a secret vote: SHA-256 of the encoded key, hexadecimal. */
      readonly ballotKeySha256?: string | undefined;
    },
  ): string =>
    canonicalJson({
      use: "menshen/motion/v1",
      communityId,
      motionId: motion.id,
      matter: motion.matter,
      title: motion.title,
      text: motion.text,
      ...(motion.subject === undefined ? {} : { subject: motion.subject }),
      opensAt: motion.opensAt,
      closesAt: motion.closesAt,
      ...(motion.ballotKeySha256 === undefined ? {} : { ballotKeySha256: motion.ballotKeySha256 }),
    }),
  roll: (motionId: string, roll: readonly (readonly [number, number])[]): string =>
    canonicalJson({ use: "menshen/motion-roll/v1", motionId, roll }),
  /** What a ballot's caster signs; it counts for one head of one motion as it was published. */
  ballot: (
    communityId: string,
    ballot: {
      readonly motionId: string;
      readonly agendaSha256: string;
      readonly number: number;
      readonly choice: VoteChoice;
    },
  ): string =>
    canonicalJson({ use: "menshen/ballot/v1", communityId, ...pick(ballot), number: ballot.number }),
  /** The same for a sealed ballot, by its digest. */
  secretBallot: (
    communityId: string,
    ballot: {
      readonly motionId: string;
      readonly agendaSha256: string;
      readonly number: number;
      readonly ballotSha256: string;
    },
  ): string => {
    const { motionId, agendaSha256, number, ballotSha256 } = ballot;
    return canonicalJson({
      use: "menshen/secret-ballot/v1",
      communityId,
      motionId,
      agendaSha256,
      number,
      ballotSha256,
    });
  },
  advisory: (
    communityId: string,
    ballot: { readonly motionId: string; readonly agendaSha256: string; readonly choice: VoteChoice },
  ): string => canonicalJson({ use: "menshen/advisory-ballot/v1", communityId, ...pick(ballot) }),
} as const;

function pick(ballot: {
  readonly motionId: string;
  readonly agendaSha256: string;
  readonly choice: VoteChoice;
}) {
  const { motionId, agendaSha256, choice } = ballot;
  return { motionId, agendaSha256, choice };
}

const MOTIONS = `${API_BASE}/motions`;
const PUBLIC = `${API_BASE}/public/motions`;

export const ownersRollEndpoints = {
  list: endpoint({
    id: "listOwnersRoll",
    method: "GET",
    path: `${API_BASE}/owners-roll`,
    tag: "votes",
    summary: "who owns which dwelling, with its area, as votes count it",
    response: OwnersRoll,
    shows: { what: "list", reason: "for-names" },
  }),
  put: endpoint({
    id: "putOwnedDwelling",
    method: "PUT",
    path: `${API_BASE}/owners-roll/:id`,
    tag: "votes",
    summary: "enter or change a dwelling of the roll; motions that were published keep theirs",
    params: IdParams,
    body: Type.Object({ areaDm2: AreaDm2, owner: RollOwner }, closed),
    response: NoContent,
  }),
  remove: endpoint({
    id: "removeOwnedDwelling",
    method: "DELETE",
    path: `${API_BASE}/owners-roll/:id`,
    tag: "votes",
    summary: "take a dwelling off the roll",
    params: IdParams,
    response: NoContent,
    reason: "required",
  }),
} as const;

export const motionEndpoints = {
  list: endpoint({
    id: "listMotions",
    method: "GET",
    path: MOTIONS,
    tag: "votes",
    summary: "motions of the owners, newest first, drafts included",
    response: Type.Object({ items: Type.Array(Motion) }),
  }),
  get: endpoint({
    id: "getMotion",
    method: "GET",
    path: `${MOTIONS}/:id`,
    tag: "votes",
    summary: "one motion, and its heads once it was published",
    params: IdParams,
    response: Type.Object({ motion: Motion, heads: Type.Array(MotionHead) }),
  }),
  create: endpoint({
    id: "createMotion",
    method: "POST",
    path: MOTIONS,
    tag: "votes",
    summary: "draft a motion; refused with the rule if no vote may decide it",
    body: MotionDraft,
    response: Motion,
    status: 201,
  }),
  publish: endpoint({
    id: "publishMotion",
    method: "POST",
    path: `${MOTIONS}/:id/publication`,
    tag: "votes",
    summary:
      "put a draft on the agenda with the roll as it is now; stands in the evidence log and changes no more",
    params: IdParams,
    response: Motion,
    reason: "required",
  }),
  withdraw: endpoint({
    id: "withdrawMotion",
    method: "POST",
    path: `${MOTIONS}/:id/withdrawal`,
    tag: "votes",
    summary: "take a motion off the agenda before it opens",
    params: IdParams,
    response: Motion,
    reason: "required",
  }),
  enterPaper: endpoint({
    id: "enterPaperBallot",
    method: "POST",
    path: `${MOTIONS}/:id/papers`,
    tag: "votes",
    summary: "enter a paper ballot; it counts once a second person has entered the same",
    params: IdParams,
    body: Type.Object({ number: HeadNumber, choice: Choice, documentNumber: NameText }, closed),
    response: Type.Object({ state: Type.Enum(["waiting", "cast"]) }),
  }),
  dropPaper: endpoint({
    id: "dropPaperBallot",
    method: "DELETE",
    path: `${MOTIONS}/:id/papers/:number`,
    tag: "votes",
    summary: "take back a paper that waits for its second reader, so that it is read anew",
    params: Type.Object({ id: Uuid, number: HeadNumber }, closed),
    response: NoContent,
    reason: "required",
  }),
  putProxy: endpoint({
    id: "registerProxy",
    method: "PUT",
    path: `${MOTIONS}/:id/proxies/:number`,
    tag: "votes",
    summary: "register who may vote for a head, by its written authority; three heads a person at most",
    params: Type.Object({ id: Uuid, number: HeadNumber }, closed),
    body: Type.Object({ personId: Uuid, documentNumber: NameText }, closed),
    response: NoContent,
  }),
  count: endpoint({
    id: "countMotion",
    method: "POST",
    path: `${MOTIONS}/:id/count`,
    tag: "votes",
    summary: "count a vote that is over, from the log's own leaves; each signature is verified again",
    params: IdParams,
    response: Motion,
  }),
} as const;

export const publicMotionEndpoints = {
  list: endpoint({
    id: "listPublicMotions",
    method: "GET",
    path: PUBLIC,
    tag: "votes",
    summary: "motions on the agenda and before, for anybody",
    response: Type.Object({ items: Type.Array(PublicMotion) }),
  }),
  recount: endpoint({
    id: "getRecount",
    method: "GET",
    path: `${PUBLIC}/:id`,
    tag: "votes",
    summary: "roll and, after the end, every ballot with what opens its leaf: enough to count again",
    params: IdParams,
    response: Recount,
  }),
} as const;
