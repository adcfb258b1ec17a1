import { fromHex, randomBytes, sha256, toHex } from "@menshen/crypto";
import {
  BALLOT_SEED_BYTES,
  ballotCode,
  encodeBallot,
  formatOpening,
  parseEpochKey,
  sealFromSeed,
} from "@menshen/custody";
import type { VoteChoice } from "@menshen/domain";
import { type PublicMotion, type ResidentMotion, residentMotionEndpoints, voteTexts } from "@menshen/wire";
import { call } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import type { DeviceOwner } from "../device/device-store.ts";
import { residentKeyOf } from "../device/resident-key.ts";

type OnAgenda = Pick<PublicMotion, "id" | "agendaSha256" | "secret">;

/**
 * Signs a ballot of an open vote with one's own key and casts it.
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
  const text = voteTexts.ballot(owner.communityId, { motionId: id, agendaSha256, number, choice });
  const signature = residentKeyOf(owner.seed).sign(text);
  return withSession(owner, () =>
    call(residentMotionEndpoints.vote, { params: { id, number }, body: { choice, signature } }),
  );
}

/** A ballot that is sealed and not cast yet: either it is, or it is opened to look whether it says what was chosen. */
export interface SealedBallot {
  readonly encoded: Uint8Array;
  /** What its voter writes down before they decide which. */
  readonly code: string;
  /** Opens it to whoever reads this: from then on it is no ballot any more. */
  readonly opening: string;
}

/** Seals a choice for one's own head; nothing of it leaves the device. */
export function sealChoice(
  { communityId }: DeviceOwner,
  { id: motionId, agendaSha256 = "" }: OnAgenda,
  encodedKey: string,
  number: number,
  choice: VoteChoice,
): SealedBallot {
  const seed = randomBytes(BALLOT_SEED_BYTES);
  const place = { communityId, motionId, agendaSha256, number };
  const encoded = encodeBallot(
    sealFromSeed({ key: parseEpochKey(fromHex(encodedKey)), place, choice, seed }),
  );
  return { encoded, code: ballotCode(encoded), opening: formatOpening({ motionId, number, choice, seed }) };
}

/** Signs a sealed ballot and casts it. Throws as {@link castBallot}. */
export async function castSealed(
  owner: DeviceOwner,
  { id, agendaSha256 = "" }: OnAgenda,
  number: number,
  { encoded }: SealedBallot,
): Promise<ResidentMotion> {
  const { communityId } = owner;
  const ballotSha256 = toHex(sha256(encoded));
  const signature = residentKeyOf(owner.seed).sign(
    voteTexts.secretBallot(communityId, { motionId: id, agendaSha256, number, ballotSha256 }),
  );
  return withSession(owner, () =>
    call(residentMotionEndpoints.voteSecretly, {
      params: { id, number },
      body: { ballot: toHex(encoded), signature },
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
