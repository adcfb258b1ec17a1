import { VOTE_CHOICES } from "@menshen/domain";
import Type from "typebox";
import { API_BASE, hexBytes, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { HeadNumber, ResidentMotion } from "./votes.ts";

const closed = { additionalProperties: false };
const RESIDENT = `${API_BASE}/resident/motions`;
const Signed = { choice: Type.Enum([...VOTE_CHOICES]), signature: hexBytes(64, 64) };

/** Votes of whoever is signed in. */
export const residentMotionEndpoints = {
  list: endpoint({
    id: "listResidentMotions",
    method: "GET",
    path: RESIDENT,
    tag: "resident",
    summary: "motions on the agenda and before, with what this resident may do",
    response: Type.Object({ items: Type.Array(ResidentMotion) }),
  }),
  withdrawProxy: endpoint({
    id: "withdrawProxy",
    method: "DELETE",
    path: `${RESIDENT}/:id/proxies/:number`,
    tag: "resident",
    summary: "take back the authority that somebody has to vote for one's own head, until they used it",
    params: Type.Object({ id: Uuid, number: HeadNumber }, closed),
    response: ResidentMotion,
  }),
  vote: endpoint({
    id: "castBallot",
    method: "POST",
    path: `${RESIDENT}/:id/ballots/:number`,
    tag: "resident",
    summary: "vote for one's head; signed with one's own key, once",
    params: Type.Object({ id: Uuid, number: HeadNumber }, closed),
    body: Type.Object(Signed, closed),
    response: ResidentMotion,
    status: 201,
  }),
  voteSecretly: endpoint({
    id: "castSecretBallot",
    method: "POST",
    path: `${RESIDENT}/:id/secret-ballots/:number`,
    tag: "resident",
    summary: "vote for one's head in a secret vote, by a ballot sealed in one's own program; once",
    params: Type.Object({ id: Uuid, number: HeadNumber }, closed),
    body: Type.Object({ ballot: hexBytes(1, 1_024), signature: hexBytes(64, 64) }, closed),
    response: ResidentMotion,
    status: 201,
  }),
  advise: endpoint({
    id: "castAdvisoryBallot",
    method: "POST",
    path: `${RESIDENT}/:id/advice`,
    tag: "resident",
    summary: "say beside the vote what one thinks, living here without owning",
    params: IdParams,
    body: Type.Object(Signed, closed),
    response: ResidentMotion,
    status: 201,
  }),
} as const;
