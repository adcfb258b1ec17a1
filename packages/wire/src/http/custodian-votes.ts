import Type, { type Static } from "typebox";
import { API_BASE, hexBytes, IdParams, NoContent, Uuid } from "./common.ts";
import { CeremonyView } from "./custody.ts";
import { endpoint } from "./endpoint.ts";
import { PublicMotion } from "./votes.ts";

const closed = { additionalProperties: false };
const CUSTODIAN_MOTIONS = `${API_BASE}/custodian/motions`;

/** A secret vote as a custodian's program sees it. */
export const CustodianMotion = Type.Object({
  motion: PublicMotion,
  /** `key`: the custodians make its key together; `share`: it is over, and this one's share is missing. */
  needs: Type.Enum(["key", "share", "nothing"]),
  /** That made its key; absent before. */
  ceremony: Type.Optional(Uuid),
});
export type CustodianMotion = Static<typeof CustodianMotion>;

/** Secret votes, for custodians' programs (see `custody.ts`). */
export const custodianMotionEndpoints = {
  list: endpoint({
    id: "listCustodianMotions",
    method: "GET",
    path: CUSTODIAN_MOTIONS,
    tag: "custodian",
    summary: "secret votes, newest first: which need a key, and which a share",
    response: Type.Object({ items: Type.Array(CustodianMotion) }),
  }),
  startCeremony: endpoint({
    id: "startBallotCeremony",
    method: "POST",
    path: `${CUSTODIAN_MOTIONS}/:id/ceremony`,
    tag: "custodian",
    summary: "call the custodians to make the key for a motion's ballots, or join the call that stands",
    params: IdParams,
    response: CeremonyView,
  }),
  giveShare: endpoint({
    id: "giveTallyShare",
    method: "POST",
    path: `${CUSTODIAN_MOTIONS}/:id/share`,
    tag: "custodian",
    summary: "give one's share of opening the sums of a vote; with enough of them it is counted",
    params: IdParams,
    body: Type.Object({ share: hexBytes(1, 512) }, closed),
    response: NoContent,
  }),
} as const;
