import { ed25519Verify, fromHex, sha256, toHex } from "@menshen/crypto/node";
import {
  CustodyError,
  type EncodedBallot,
  type EpochKey,
  encodeTally,
  faultOfTallyShare,
  type OpenedSums,
  openTally,
  parseEpochKey,
  parseTally,
  parseTallyShare,
  type TallyShare,
} from "@menshen/custody";
import { addBallotsInThreads } from "@menshen/custody/node";
import { countOpenedSums, hasQuorum, majorityOf, stageOf } from "@menshen/domain";
import { type AdvisoryCount, type CustodianMotion, voteTexts } from "@menshen/wire";
import type { SignedInCustodian } from "../../authority/signed-in-custodian.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { OpenedStatement } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { readBallot, readSecretBallot } from "./ballot-leaf.ts";
import { type StoredBallot, selectAdvice, selectBallots } from "./ballots.store.ts";
import { publicMotion } from "./motion-view.ts";
import {
  lockMotion,
  type StoredMotion,
  selectHeads,
  selectMotion,
  selectMotions,
  updateCounted,
} from "./motions.store.ts";
import { forged, openBallots } from "./opened-ballots.ts";
import {
  insertTallyShare,
  selectKeySet,
  selectSharers,
  selectTallyShares,
  updateTally,
} from "./secret-votes.store.ts";

const SHOWN = 50;
/** Signatures checked at a stretch: the server answers others in between. */
const AT_A_STRETCH = 200;
const BY_CUSTODIAN = { actor: undefined, reason: { code: "routine" } } as const;

type Scope = Pick<ChangeScope, "trx" | "at" | "record" | "leaf">;

export type SecretCountService = ReturnType<typeof makeSecretCountService>;

/** Counts secret votes: adds sealed ballots up, takes custodians' shares, and opens nothing but the sums. */
export function makeSecretCountService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly communityId: string;
}) {
  const { db, clock, change, storageKey, communityId } = dependencies;

  /** The ballot that a stored row is; throws `conflict` unless it is what its voter signed. */
  function weigh(motion: StoredMotion, stored: StoredBallot, { statement }: OpenedStatement): EncodedBallot {
    const said = readSecretBallot(statement);
    const { number, way, signed, sealed } = stored;
    const { id: motionId, agendaSha256 } = motion;
    const isSame =
      said !== undefined &&
      sealed !== undefined &&
      agendaSha256 !== undefined &&
      said.motionId === motionId &&
      said.agendaSha256 === agendaSha256 &&
      said.number === number &&
      said.way === way &&
      said.ballotSha256 === toHex(sha256(sealed)) &&
      (way === "paper") === (signed === undefined);
    if (!isSame) throw forged();
    if (signed !== undefined) {
      const { ballotSha256 } = said;
      const text = voteTexts.secretBallot(communityId, { motionId, agendaSha256, number, ballotSha256 });
      if (!ed25519Verify(signed.authKey, new TextEncoder().encode(text), signed.signature)) throw forged();
    }
    return { number, areaDm2: said.areaDm2, encoded: sealed };
  }

  async function judge(reader: Reader, motion: StoredMotion, voted: readonly number[], sums?: OpenedSums) {
    const counted = countOpenedSums(
      await selectHeads(reader, motion.id),
      voted,
      sums,
      majorityOf(motion.matter),
    );
    if (!counted.counted) throw forged();
    return counted;
  }

  async function finish(
    { trx, at, record, leaf }: Scope,
    motion: StoredMotion,
    counted: Awaited<ReturnType<typeof judge>>,
    advisory: AdvisoryCount,
    tally: Uint8Array | undefined,
  ): Promise<void> {
    const { id } = motion;
    const { vote, choices, shortfalls, passed } = counted;
    const unopened = tally === undefined ? ({ unopened: true } as const) : {};
    const result = {
      passed,
      vote,
      choices,
      shortfalls: [...shortfalls],
      advisory,
      countedAt: at,
      ...unopened,
    };
    await updateCounted(trx, id, result);
    const { heads, areaDm2 } = vote;
    await leaf({
      topic: "motion-counted",
      subject: { kind: "community" },
      statement: {
        motionId: id,
        passed,
        heads: { ...heads },
        areaDm2: { ...areaDm2 },
        advisory,
        ...(tally === undefined ? unopened : { tallySha512: toHex(parseTally(tally).digest) }),
      },
      public: true,
    });
    await record({ action: "motion.counted", entity: "motion", entityId: id, after: { passed } });
  }

  async function seatOf(reader: Reader, custodian: SignedInCustodian, motion: StoredMotion) {
    const version = motion.ballotCeremony && (await selectKeySet(reader, motion.ballotCeremony));
    return custodian.seats.find((seat) => seat.version === version)?.index;
  }

  return {
    /**
     * The first half of a count: verifies every ballot and adds them up; the custodians open the sums. Without the quorum the vote
     * ends here, and nothing is ever opened. Throws `conflict` once it was done, and for a ballot that is not in order.
     *
     * @param ballots all of the motion, each of them in the log
     */
    async count(
      scope: Scope,
      motion: StoredMotion,
      ballots: readonly (readonly [StoredBallot, OpenedStatement])[],
      advisory: AdvisoryCount,
    ): Promise<void> {
      const { trx, record, leaf } = scope;
      const { id: motionId, ballotKey, agendaSha256 } = motion;
      if (ballotKey === undefined || agendaSha256 === undefined) throw forged();
      if (motion.tally !== undefined) {
        throw refusal("conflict", "the ballots are added up: the custodians' shares are awaited");
      }
      const key = parseEpochKey(ballotKey);
      const place = { communityId, motionId, agendaSha256 };
      const weighed: EncodedBallot[] = [];
      for (const [stored, statement] of ballots) {
        weighed.push(weigh(motion, stored, statement));
        if (weighed.length % AT_A_STRETCH === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const added = await addBallotsInThreads(key, place, weighed);
      if (!added.good) throw forged();
      const counted = await judge(
        trx,
        motion,
        weighed.map(({ number }) => number),
      );
      if (!hasQuorum(counted)) {
        await finish(scope, motion, counted, advisory, undefined);
        return;
      }
      const { tally } = added;
      await updateTally(trx, motionId, encodeTally(tally));
      const statement = { motionId, ballots: weighed.length, tallySha512: toHex(tally.digest) };
      await leaf({ topic: "motion-tally-fixed", subject: { kind: "community" }, statement, public: true });
      await record({ action: "motion.tally-fixed", entity: "motion", entityId: motionId, after: statement });
    },

    /** Secret votes, newest first, with what they need of this custodian. */
    async list(custodian: SignedInCustodian): Promise<CustodianMotion[]> {
      const now = clock.now();
      const secret = (await selectMotions(db, SHOWN)).filter(({ isSecret }) => isSecret);
      return Promise.all(
        secret.map(async (motion): Promise<CustodianMotion> => {
          const index = await seatOf(db, custodian, motion);
          const isAwaited = motion.tally !== undefined && motion.countedAt === undefined;
          const needsKey =
            motion.ballotKey === undefined &&
            custodian.present !== undefined &&
            stageOf(motion, now) === "draft";
          const needsShare =
            isAwaited && index !== undefined && !(await selectSharers(db, motion.id)).includes(index);
          return {
            motion: publicMotion(motion, now),
            needs: needsKey ? "key" : needsShare ? "share" : "nothing",
            ...optional("ceremony", motion.ballotCeremony),
          };
        }),
      );
    },

    /**
     * Takes a share; the last one that is needed opens the sums and ends the count. A second one of the same custodian, and one
     * after the end, change nothing. Throws `forbidden` for custodians of other ceremonies, `conflict` before anything was added
     * up, `key-refused` for a share that does not verify.
     */
    async giveShare(custodian: SignedInCustodian, id: string, encoded: string): Promise<void> {
      await change(BY_CUSTODIAN, async (scope) => {
        const { trx, at, record } = scope;
        await lockMotion(trx, id);
        const motion = found(await selectMotion(trx, id), "motion");
        const index = await seatOf(trx, custodian, motion);
        if (index === undefined) throw refusal("forbidden", "other custodians made the key of this vote");
        if (motion.countedAt !== undefined) return;
        if (motion.tally === undefined || motion.ballotKey === undefined) {
          throw refusal("conflict", "nothing was added up yet");
        }
        const [key, tally] = [parseEpochKey(motion.ballotKey), parseTally(motion.tally)];
        const share = readShare(fromHex(encoded));
        if (share?.index !== index || faultOfTallyShare(key, tally, share) !== undefined) {
          throw refusal("key-refused", "this is not this custodian's share of these sums");
        }
        await insertTallyShare(trx, id, { custodian: index, share: fromHex(encoded), at });
        await record({
          action: "motion.share-given",
          entity: "motion",
          entityId: id,
          after: { custodian: index },
        });
        await openIfEnough(scope, motion, key);
      });
    },
  };

  async function openIfEnough(scope: Scope, motion: StoredMotion, key: EpochKey): Promise<void> {
    const { trx } = scope;
    const { tally } = motion;
    const shares = (await selectTallyShares(trx, motion.id)).flatMap((bytes) => readShare(bytes) ?? []);
    if (tally === undefined || shares.length < key.threshold.k) return;
    const voted = (await selectBallots(trx, motion.id)).map(({ number }) => number);
    const { vote } = await judge(trx, motion, voted);
    const opening = openTally({
      key,
      tally: parseTally(tally),
      shares,
      voted: { heads: vote.heads.voted, areaDm2: vote.areaDm2.voted },
    });
    if (!opening.opened) throw forged();
    const counted = await judge(trx, motion, voted, opening.sums);
    await finish(scope, motion, counted, await adviceOf(trx, motion.id), tally);
  }

  /** As it was verified when the ballots were added up: nobody can answer after the end. */
  async function adviceOf(trx: Trx, motionId: string): Promise<AdvisoryCount> {
    const advisory = { for: 0, against: 0, abstain: 0 };
    for (const [, { statement }] of await openBallots(trx, storageKey, await selectAdvice(trx, motionId))) {
      const said = readBallot(statement);
      if (said !== undefined) advisory[said.choice] += 1;
    }
    return advisory;
  }
}

function readShare(bytes: Uint8Array): TallyShare | undefined {
  try {
    return parseTallyShare(bytes);
  } catch (error) {
    if (error instanceof CustodyError) return undefined;
    throw error;
  }
}
