import type { VoteChoice } from "@menshen/domain";
import { type PublicMotion, type ResidentMotion, residentMotionEndpoints, voteTexts } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";

type OnAgenda = Pick<PublicMotion, "id" | "agendaSha256">;

/**
 * Signs a ballot with one's own key and casts it.
 *
 * @throws {ApiError} `conflict` outside the hours of the vote and where a ballot was cast before
 */
export async function castBallot(
  owner: DeviceOwner,
  { id, agendaSha256 = "" }: OnAgenda,
  number: number,
  choice: VoteChoice,
): Promise<ResidentMotion> {
  const text = voteTexts.ballot(owner.communityId, { motionId: id, agendaSha256, number, choice });
  const signature = residentKeyOf(owner.seed).sign(text);
  return withSession(owner, () =>
    call(residentMotionEndpoints.vote, { params: { id, number }, body: { choice, signature } }),
  );
}

/** The same for whoever lives here and owns nothing: beside the vote. */
export async function castAdvice(
  owner: DeviceOwner,
  { id, agendaSha256 = "" }: OnAgenda,
  choice: VoteChoice,
): Promise<ResidentMotion> {
  const text = voteTexts.advisory(owner.communityId, { motionId: id, agendaSha256, choice });
  const signature = residentKeyOf(owner.seed).sign(text);
  return withSession(owner, () =>
    call(residentMotionEndpoints.advise, { params: { id }, body: { choice, signature } }),
  );
}
