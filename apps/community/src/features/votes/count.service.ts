import { ed25519Verify, toHex } from "@menshen/crypto/node";
import { type CastBallot, countVote, majorityOf, stageOf, type VoteChoice } from "@menshen/domain";
import { type Motion, type OpenedBallot, type PublicMotion, type Recount, voteTexts } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { OpenedStatement } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { readBallot } from "./ballot-leaf.ts";
import { type StoredAdvice, type StoredBallot, selectAdvice, selectBallots } from "./ballots.store.ts";
import { publicMotion, staffMotion } from "./motion-view.ts";
import {
  lockMotion,
  type StoredMotion,
  selectHeads,
  selectMotion,
  selectPublished,
  updateCounted,
} from "./motions.store.ts";
import { forged, openBallots } from "./opened-ballots.ts";
import type { SecretCountService } from "./secret-count.service.ts";
import { selectTallyShares } from "./secret-votes.store.ts";

const SHOWN = 200;

export type CountService = ReturnType<typeof makeCountService>;

/** Counts votes from the leaves of the evidence log, and shows everybody what they need to do it again. */
export function makeCountService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly communityId: string;
  readonly countSecret: SecretCountService["count"];
}) {
  const { db, clock, change, storageKey, communityId, countSecret } = dependencies;

  const opened = <Ballot extends { readonly leafId: string }>(reader: Reader, ballots: readonly Ballot[]) =>
    openBallots(reader, storageKey, ballots);

  function verified(
    motion: StoredMotion,
    said: ReturnType<typeof readBallot>,
    signed: StoredBallot["signed"],
    textOf: (agendaSha256: string, choice: VoteChoice) => string,
  ): VoteChoice {
    const { agendaSha256 } = motion;
    const isOfThis =
      said !== undefined &&
      agendaSha256 !== undefined &&
      said.motionId === motion.id &&
      said.agendaSha256 === agendaSha256;
    if (!isOfThis) throw forged();
    if (signed !== undefined) {
      const text = new TextEncoder().encode(textOf(agendaSha256, said.choice));
      if (!ed25519Verify(signed.authKey, text, signed.signature)) throw forged();
    }
    return said.choice;
  }

  function ballotOf(motion: StoredMotion, ballot: StoredBallot, { statement }: OpenedStatement): CastBallot {
    const said = readBallot(statement);
    const { number, way, signed } = ballot;
    const isSame =
      said?.number === number && said.way === way && (way === "paper") === (signed === undefined);
    if (!isSame) throw forged();
    const choice = verified(motion, said, signed, (agendaSha256, choiceSaid) =>
      voteTexts.ballot(communityId, { motionId: motion.id, agendaSha256, number, choice: choiceSaid }),
    );
    return { number, choice };
  }

  function adviceOf(motion: StoredMotion, advice: StoredAdvice, { statement }: OpenedStatement): VoteChoice {
    return verified(motion, readBallot(statement), advice.signed, (agendaSha256, choice) =>
      voteTexts.advisory(communityId, { motionId: motion.id, agendaSha256, choice }),
    );
  }

  return {
    /**
     * Throws `conflict` before the end, while a paper waits for its second reader or a ballot for the log, once it was
     * counted, and for a ballot that is not what its voter signed.
     */
    async count(author: StaffAuthor, id: string): Promise<Motion> {
      authorise(author.actor, "motions.write");
      return change(author, async ({ trx, at, record, leaf }) => {
        await lockMotion(trx, id);
        const motion = found(await selectMotion(trx, id), "motion");
        if (stageOf(motion, at) !== "closed") {
          throw refusal("conflict", "a vote is counted once, when it is over");
        }
        if (motion.papersWaiting > 0) {
          throw refusal("conflict", "papers wait for their second reader");
        }
        const ballots = await opened(trx, await selectBallots(trx, id));
        const asked = await opened(trx, await selectAdvice(trx, id));
        if ([...ballots, ...asked].some(([, { index }]) => index === undefined)) {
          throw refusal(
            "conflict",
            "some ballots are still on their way into the log: try again in a minute",
          );
        }
        const advisory = { for: 0, against: 0, abstain: 0 };
        for (const [advice, statement] of asked) advisory[adviceOf(motion, advice, statement)] += 1;
        if (motion.isSecret) {
          await countSecret({ trx, at, record, leaf }, motion, ballots, advisory);
          return staffMotion(found(await selectMotion(trx, id), "motion"), at);
        }
        const counted = countVote(
          await selectHeads(trx, id),
          ballots.map(([ballot, statement]) => ballotOf(motion, ballot, statement)),
          majorityOf(motion.matter),
        );
        if (!counted.counted) throw forged();
        const { vote, choices, shortfalls, passed } = counted;
        const result = { passed, vote, choices, shortfalls: [...shortfalls], advisory, countedAt: at };
        await updateCounted(trx, id, result);
        const { heads, areaDm2 } = vote;
        await leaf({
          topic: "motion-counted",
          subject: { kind: "community" },
          statement: { motionId: id, passed, heads: { ...heads }, areaDm2: { ...areaDm2 }, advisory },
          public: true,
        });
        await record({ action: "motion.counted", entity: "motion", entityId: id, after: { passed } });
        return staffMotion(found(await selectMotion(trx, id), "motion"), at);
      });
    },

    /** For anybody. */
    async list(): Promise<PublicMotion[]> {
      const now = clock.now();
      return (await selectPublished(db, SHOWN)).map((motion) => publicMotion(motion, now));
    },

    /** For anybody: the roll by number and area, and the ballots once nobody can vote any more. Throws `not-found`. */
    async recount(id: string): Promise<Recount> {
      const motion = found(await selectMotion(db, id), "motion");
      const { rollSha256 } = motion;
      if (rollSha256 === undefined) throw refusal("not-found", "no such motion");
      const now = clock.now();
      const stage = stageOf(motion, now);
      const isOver = stage === "closed" || stage === "counted";
      const shown = async (
        ballots: readonly { readonly leafId: string; readonly sealed?: Uint8Array | undefined }[],
      ): Promise<OpenedBallot[]> =>
        (await opened(db, ballots)).flatMap(([{ sealed }, { statement, salt, index }]) =>
          salt === undefined
            ? []
            : [
                {
                  statement,
                  salt: toHex(salt),
                  ...optional("leafIndex", index),
                  ...optional("sealed", sealed && toHex(sealed)),
                },
              ],
        );
      return {
        communityId,
        motion: publicMotion(motion, now),
        roll: (await selectHeads(db, id)).map(({ number, areaDm2 }): [number, number] => [number, areaDm2]),
        rollSha256,
        ballots: isOver ? await shown(await selectBallots(db, id)) : [],
        advisory: isOver ? await shown(await selectAdvice(db, id)) : [],
        ...(motion.isSecret ? { shares: (await selectTallyShares(db, id)).map(toHex) } : {}),
      };
    },
  };
}
