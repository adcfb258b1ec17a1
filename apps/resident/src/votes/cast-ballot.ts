import { fromHex, randomBytes, sha256, toHex } from "@menshen/crypto";
import { encodeBallot, parseEpochKey, sealBallot } from "@menshen/custody";
import type { VoteChoice } from "@menshen/domain";
import { type PublicMotion, type ResidentMotion, residentMotionEndpoints, voteTexts } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";

type OnAgenda = Pick<PublicMotion, "id" | "agendaSha256" | "secret">;

/**
 * Signs a ballot with one's own key and casts it; in a secret vote it is sealed first, and nothing here keeps what opens it.
 *
 * @throws {ApiError} `conflict` outside the hours of the vote and where a ballot was cast before
 */
export async function castBallot(
  owner: DeviceOwner,
  motion: OnAgenda,
  number: number,
  choice: VoteChoice,
): Promise<ResidentMotion> {
  const { id, agendaSha256 = "" } = motion;
  if (motion.secret?.key !== undefined) return castSecretly(owner, motion, motion.secret.key, number, choice);
  const text = voteTexts.ballot(owner.communityId, { motionId: id, agendaSha256, number, choice });
  const signature = residentKeyOf(owner.seed).sign(text);
  return withSession(owner, () =>
    call(residentMotionEndpoints.vote, { params: { id, number }, body: { choice, signature } }),
  );
}

async function castSecretly(
  owner: DeviceOwner,
  { id, agendaSha256 = "" }: OnAgenda,
  key: string,
  number: number,
  choice: VoteChoice,
): Promise<ResidentMotion> {
  const { communityId } = owner;
  const place = { communityId, motionId: id, agendaSha256, number };
  const sealed = encodeBallot(
    sealBallot({ key: parseEpochKey(fromHex(key)), place, choice, random: randomBytes }),
  );
  const ballotSha256 = toHex(sha256(sealed));
  const signature = residentKeyOf(owner.seed).sign(
    voteTexts.secretBallot(communityId, { motionId: id, agendaSha256, number, ballotSha256 }),
  );
  return withSession(owner, () =>
    call(residentMotionEndpoints.voteSecretly, {
      params: { id, number },
      body: { ballot: toHex(sealed), signature },
    }),
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
