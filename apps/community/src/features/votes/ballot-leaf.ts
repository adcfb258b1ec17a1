import { parseCanonicalJson, VOTE_CHOICES, type VoteChoice } from "@menshen/domain";
import { BALLOT_WAYS, type BallotWay } from "@menshen/wire";
import type { ChangeScope } from "../../change-record/change-scope.ts";

/** What a ballot's leaf says. */
export interface BallotSaid {
  readonly motionId: string;
  readonly agendaSha256: string;
  readonly number: number;
  readonly areaDm2: number;
  readonly choice: VoteChoice;
  readonly way: BallotWay;
}

/** Commits to a ballot in the evidence log: the leaf shows nothing until the vote is over. */
export function recordBallot({ leaf }: ChangeScope, said: BallotSaid): Promise<string> {
  return leaf({ topic: "ballot-cast", subject: { kind: "community" }, statement: { ...said } });
}

/** What the leaf of a sealed ballot says. */
export interface SecretBallotSaid {
  readonly motionId: string;
  readonly agendaSha256: string;
  readonly number: number;
  readonly areaDm2: number;
  readonly way: BallotWay;
  /** Of the sealed ballot, hexadecimal. */
  readonly ballotSha256: string;
}

/** Commits to a sealed ballot: not even the open leaf tells the choice. */
export function recordSecretBallot({ leaf }: ChangeScope, said: SecretBallotSaid): Promise<string> {
  return leaf({ topic: "secret-ballot-cast", subject: { kind: "community" }, statement: { ...said } });
}

/** @returns `undefined` for a statement that is no sealed ballot */
export function readSecretBallot(statement: string): SecretBallotSaid | undefined {
  const said = parseCanonicalJson(statement);
  const field = (name: string): unknown => Reflect.get(Object(said), name);
  const [motionId, agendaSha256] = [field("motionId"), field("agendaSha256")];
  const [number, areaDm2, ballotSha256] = [field("number"), field("areaDm2"), field("ballotSha256")];
  const way = BALLOT_WAYS.find((one) => one === field("way"));
  const isBallot =
    typeof motionId === "string" &&
    typeof agendaSha256 === "string" &&
    typeof number === "number" &&
    typeof areaDm2 === "number" &&
    typeof ballotSha256 === "string" &&
    way !== undefined;
  return isBallot ? { motionId, agendaSha256, number, areaDm2, way, ballotSha256 } : undefined;
}

/** The same for somebody asked beside the vote; it names no head. */
export function recordAdvice(
  { leaf }: ChangeScope,
  said: Pick<BallotSaid, "motionId" | "agendaSha256" | "choice">,
): Promise<string> {
  return leaf({ topic: "advisory-ballot-cast", subject: { kind: "community" }, statement: { ...said } });
}

/** @returns `undefined` for a statement that is no ballot; `way`, `number` and `areaDm2` only for a ballot of the vote */
export function readBallot(
  statement: string,
): (Pick<BallotSaid, "motionId" | "agendaSha256" | "choice"> & Partial<BallotSaid>) | undefined {
  const said = parseCanonicalJson(statement);
  const field = (name: string): unknown => Reflect.get(Object(said), name);
  const [motionId, agendaSha256] = [field("motionId"), field("agendaSha256")];
  const choice = VOTE_CHOICES.find((one) => one === field("choice"));
  if (typeof motionId !== "string" || typeof agendaSha256 !== "string" || choice === undefined) {
    return undefined;
  }
  const [number, areaDm2] = [field("number"), field("areaDm2")];
  const way = BALLOT_WAYS.find((one) => one === field("way"));
  if (typeof number !== "number" || typeof areaDm2 !== "number" || way === undefined) {
    return { motionId, agendaSha256, choice };
  }
  return { motionId, agendaSha256, choice, number, areaDm2, way };
}
