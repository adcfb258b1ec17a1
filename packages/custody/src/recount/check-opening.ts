import { toHex } from "@menshen/crypto";
import type { Recount } from "@menshen/wire";
import { type BallotOpening, ballotCode, encodeBallot, sealFromSeed } from "../ballot/index.ts";
import { keyOf, rollDigest } from "./recount-secret.ts";

/**
 * Why an opened ballot says nothing about this vote:
 * - `foreign`: it is of another motion, of a head that is not in the roll, or the vote is not secret;
 * - `roll`: it is not the roll that was fixed with the agenda; `key`: the key is not the one that the agenda named;
 * - `cast`: this very ballot was cast although it is open to whoever has seen its line.
 */
export type OpeningFault = "foreign" | "roll" | "key" | "cast";

/**
 * Makes an opened ballot again (Benaloh's challenge), with the key that the motion's agenda names.
 *
 * @param recount the published motion; its ballots are there after the end only
 * @returns the code, which the voter holds against the one their own program showed before it knew that it would be opened
 */
export function checkOpening(
  recount: Recount,
  { motionId, number, choice, seed }: BallotOpening,
): { readonly good: true; readonly code: string } | { readonly good: false; readonly fault: OpeningFault } {
  const { communityId, motion, roll, rollSha256, ballots } = recount;
  const { agendaSha256 } = motion;
  if (motion.id !== motionId || motion.secret === undefined || agendaSha256 === undefined)
    return bad("foreign");
  if (rollDigest(recount) !== rollSha256) return bad("roll");
  if (!roll.some(([one]) => one === number)) return bad("foreign");
  const key = keyOf(recount);
  if (key === undefined) return bad("key");
  const place = { communityId, motionId, agendaSha256, number };
  const encoded = encodeBallot(sealFromSeed({ key, place, choice, seed }));
  const sealed = toHex(encoded);
  if (ballots.some((ballot) => ballot.sealed === sealed)) return bad("cast");
  return { good: true, code: ballotCode(encoded) };
}

function bad(fault: OpeningFault): { readonly good: false; readonly fault: OpeningFault } {
  return { good: false, fault };
}
