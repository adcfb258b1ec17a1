import { fromHex, sha256, toHex } from "@menshen/crypto";
import { type Recount, voteTexts } from "@menshen/wire";
import vectors from "../../vectors/secret-ballots.json" with { type: "json" };
import { type BallotOpening, ballotCode, encodeBallot, sealFromSeed } from "../ballot/index.ts";
import { parseEpochKey } from "../epoch-key.ts";

const digest = (text: string) => toHex(sha256(new TextEncoder().encode(text)));
const ROLL: [number, number][] = [
  [1, 300],
  [3, 200],
];

/** A secret vote as it is published while it is open, and what a program showed of a ballot that says `against`. */
export function makeChallengedVote(): {
  recount: Recount;
  opening: BallotOpening;
  code: string;
  sealed: string;
} {
  const { communityId, motionId } = vectors.motion;
  const onAgenda = {
    id: motionId,
    matter: "other",
    item: 9,
    majority: "more-than-half",
    stage: "open",
    title: "路灯",
    text: "换路灯",
    opensAt: 0,
    closesAt: 10,
  } as const;
  const ballotKeySha256 = toHex(sha256(fromHex(vectors.key)));
  const agendaSha256 = digest(voteTexts.agenda(communityId, { ...onAgenda, ballotKeySha256 }));
  const recount: Recount = {
    communityId,
    motion: { ...onAgenda, agendaSha256, votedHeads: 0, secret: { key: vectors.key, shares: 0 } },
    roll: ROLL,
    rollSha256: digest(voteTexts.roll(motionId, ROLL)),
    ballots: [],
    advisory: [],
  };
  const opening: BallotOpening = { motionId, number: 3, choice: "against", seed: fromHex("07".repeat(32)) };
  const place = { communityId, motionId, agendaSha256, number: 3 };
  const encoded = encodeBallot(
    sealFromSeed({ key: parseEpochKey(fromHex(vectors.key)), place, choice: "against", seed: opening.seed }),
  );
  return { recount, opening, code: ballotCode(encoded), sealed: toHex(encoded) };
}
