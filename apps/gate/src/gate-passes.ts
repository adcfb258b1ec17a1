import { presentVisitor } from "@menshen/credentials";
import { primitives, randomBytes } from "@menshen/crypto/node";
import type { GrantedCredential, Snapshot } from "@menshen/policy";
import { KIOSK_CHALLENGE_S } from "@menshen/wire";
import type { GateClock } from "./clock/gate-clock.ts";
import type { CardKeys } from "./held/card-keys.ts";
import type { HeldDocuments } from "./held/held-documents.ts";
import type { GateIdentity } from "./keys/identity.ts";
import type { Seal } from "./keys/seal.ts";
import type { PublicLog } from "./public-log/public-log.ts";
import type { StateKeeper } from "./store/state-keeper.ts";
import type { Remote } from "./store/store-thread.ts";
import { type DoorChallenges, makeDoorChallenges } from "./tap/door-challenges.ts";
import { openPassBook } from "./tap/pass-book.ts";
import { makePassDesk, type PassDesk } from "./tap/pass-desk.ts";
import { makeTokenKeys } from "./tap/token-keys.ts";
import type { LogPolicy } from "./trail/leaf-proof.ts";

/** What a gate needs to take the codes of docs/protocol/passes.md. */
export interface GatePasses {
  readonly desk: PassDesk;
  readonly challenges: DoorChallenges;
}

export async function openGatePasses(options: {
  readonly identity: Pick<GateIdentity, "communityId">;
  readonly doorGroup: number;
  readonly clock: GateClock;
  readonly state: Pick<Remote<StateKeeper>, "uses" | "saveUse">;
  readonly seal: Seal;
  readonly snapshot: () => Snapshot | undefined;
  readonly held: Pick<HeldDocuments, "passes"> & {
    readonly cardKeys: () => Pick<CardKeys, "phone"> | undefined;
    /** The log this gate believes. */
    readonly log: () => LogPolicy | undefined;
  };
  readonly inPublicLog: PublicLog["admits"];
  /** Which passes were used cannot be read: they are counted anew. */
  readonly unreadable: (fault: unknown) => void;
}): Promise<GatePasses> {
  const { identity, clock, held } = options;
  const { communityId } = identity;
  const challenges = makeDoorChallenges(KIOSK_CHALLENGE_S * 1_000, randomBytes);
  const book = await openPassBook({
    state: options.state,
    seal: options.seal,
    now: clock.now(),
    failed: options.unreadable,
  });
  const desk = makePassDesk({
    communityId,
    doorGroup: options.doorGroup,
    clock,
    snapshot: options.snapshot,
    cardKeys: held.cardKeys,
    passes: held.passes,
    tokenKey: makeTokenKeys(communityId, held.passes, held.log),
    inPublicLog: options.inPublicLog,
    challenges,
    book,
  });
  return { desk, challenges };
}

/** The desk's passes that are not surely over, as credentials that the public log has to prove. */
export function deskPassesOf(
  passes: ReturnType<HeldDocuments["passes"]>,
  earliestMs: number,
): readonly GrantedCredential[] {
  return (passes?.deskPasses ?? []).flatMap(({ passId, until, accessPointIds }) =>
    earliestMs < until ? [{ key: presentVisitor(primitives, passId).credentialKey, accessPointIds }] : [],
  );
}
