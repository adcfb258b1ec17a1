import { fromHex, randomBytes, sha256, toHex } from "@menshen/crypto/node";
import {
  CustodyError,
  encodeBallot,
  parseBallot,
  parseEpochKey,
  sealBallot,
  verifyBallot,
} from "@menshen/custody";
import { MOST_PROXIES, stageOf, type VoteChoice } from "@menshen/domain";
import { type BodyOf, type motionEndpoints, type ResidentMotion, voteTexts } from "@menshen/wire";
import { authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, optional, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { demandSignature } from "../resident/index.ts";
import {
  readBallot,
  readSecretBallot,
  recordAdvice,
  recordBallot,
  recordSecretBallot,
} from "./ballot-leaf.ts";
import {
  confirmPaper,
  deletePaper,
  deleteProxy,
  insertAdvice,
  insertBallot,
  insertPaper,
  isAdvisor,
  lockHead,
  type StoredBallot,
  selectAdviceOf,
  selectBallots,
  selectHeadsOfPerson,
  selectPapers,
  selectProxies,
  upsertProxy,
} from "./ballots.store.ts";
import { publicMotion } from "./motion-view.ts";
import { type StoredMotion, selectMotion, selectPublished } from "./motions.store.ts";
import { countPresent } from "./owners-roll.store.ts";

const SHOWN = 30;
const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;
const TWICE = "a ballot was cast for this already: each owner votes once";

type OwnBallot = NonNullable<ResidentMotion["heads"][number]["ballot"]>;

export type BallotsService = ReturnType<typeof makeBallotsService>;

/** Ballots: signed with the voter's own key, or read from paper by two persons who agree. */
export function makeBallotsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly communityId: string;
}) {
  const { db, clock, change, storageKey, communityId } = dependencies;

  async function ownBallot(
    reader: Reader,
    cast: Pick<StoredBallot, "leafId" | "at" | "way"> | undefined,
  ): Promise<OwnBallot | undefined> {
    if (cast === undefined) return undefined;
    const [opened] = await openStatements(reader, storageKey, [cast.leafId]);
    const said = opened && readBallot(opened.statement);
    if (opened === undefined || (said ?? readSecretBallot(opened.statement)) === undefined) return undefined;
    return {
      ...optional("choice", said?.choice),
      at: cast.at,
      way: cast.way,
      evidence: {
        topic: opened.topic,
        statement: opened.statement,
        ...(opened.salt === undefined ? {} : { salt: toHex(opened.salt) }),
        ...optional("leafIndex", opened.index),
      },
    };
  }

  async function seenBy(reader: Reader, motion: StoredMotion, personId: string): Promise<ResidentMotion> {
    const now = clock.now();
    const mine = await selectHeadsOfPerson(reader, motion.id, personId);
    const ballots = mine.length === 0 ? [] : await selectBallots(reader, motion.id);
    const heads = await Promise.all(
      mine.map(async ({ number, areaDm2, dwellingNames, isOwn, isProxy, hasProxy }) => ({
        number,
        areaDm2,
        dwellingNames: [...dwellingNames],
        byProxy: isProxy && !isOwn,
        hasProxy: hasProxy && !isProxy,
        ...optional(
          "ballot",
          await ownBallot(
            reader,
            ballots.find((one) => one.number === number),
          ),
        ),
      })),
    );
    const advice = await selectAdviceOf(reader, motion.id, personId);
    const isAsked = advice !== undefined || (await isAdvisor(reader, motion.id, personId, now));
    const ballot = await ownBallot(reader, advice && { ...advice, way: "app" });
    return {
      motion: publicMotion(motion, now),
      heads,
      ...(isAsked ? { advisory: { ...optional("ballot", ballot) } } : {}),
    };
  }

  /** Refuses before the vote opens and from its end on, by the server's clock. */
  async function openMotion(
    trx: Trx,
    id: string,
    at: number,
  ): Promise<StoredMotion & { agendaSha256: string }> {
    await trx.selectFrom("motion").select("id").where("id", "=", id).forShare().execute();
    const motion = found(await selectMotion(trx, id), "motion");
    const { agendaSha256 } = motion;
    if (agendaSha256 === undefined) throw refusal("not-found", "no such motion");
    if (stageOf(motion, at) !== "open") throw refusal("conflict", "this vote is not open now");
    return { ...motion, agendaSha256 };
  }

  async function cast(
    scope: ChangeScope,
    motion: { readonly id: string; readonly agendaSha256: string },
    ballot: Pick<StoredBallot, "number" | "way" | "signed"> & { readonly areaDm2: number } & (
        | { readonly choice: VoteChoice }
        | { readonly sealed: Uint8Array }
      ),
  ): Promise<void> {
    const { number, way, areaDm2, signed } = ballot;
    const said = { motionId: motion.id, agendaSha256: motion.agendaSha256, number, areaDm2, way };
    const sealed = "sealed" in ballot ? ballot.sealed : undefined;
    const leafId =
      "sealed" in ballot
        ? await recordSecretBallot(scope, { ...said, ballotSha256: toHex(sha256(ballot.sealed)) })
        : await recordBallot(scope, { ...said, choice: ballot.choice });
    const row = { number, way, at: scope.at, leafId, signed, sealed };
    await unlessTaken(insertBallot(scope.trx, motion.id, row), TWICE);
    // How somebody voted, and who it was, is nothing for the record of administration.
    await scope.record({
      action: "motion.ballot-cast",
      entity: "motion",
      entityId: motion.id,
      after: { way, number },
    });
  }

  return {
    async list({ personId }: SignedInResident): Promise<ResidentMotion[]> {
      const motions = await selectPublished(db, SHOWN);
      return Promise.all(motions.map((motion) => seenBy(db, motion, personId)));
    },

    /**
     * Throws `not-found` for a head that is not theirs, `conflict` outside the hours of the vote and for a head that has
     * voted, `key-refused` for a signature that is not theirs or of another motion, head or choice.
     */
    async vote(
      { personId }: SignedInResident,
      motionId: string,
      number: number,
      { choice, signature }: { readonly choice: VoteChoice; readonly signature: string },
    ): Promise<ResidentMotion> {
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const motion = await openMotion(trx, motionId, at);
        const mine = (await selectHeadsOfPerson(trx, motionId, personId)).find(
          (head) => head.number === number,
        );
        const { isOwn, areaDm2 } = found(mine, "dwelling of yours in this vote");
        if (motion.isSecret) throw refusal("conflict", "this vote is secret: seal your ballot");
        await lockHead(trx, motionId, number);
        const { agendaSha256 } = motion;
        const text = voteTexts.ballot(communityId, { motionId, agendaSha256, number, choice });
        const authKey = await demandSignature(trx, personId, text, signature);
        const signed = { authKey, signature: Buffer.from(signature, "hex") };
        await cast(scope, motion, { number, way: isOwn ? "app" : "proxy", areaDm2, choice, signed });
        return seenBy(trx, found(await selectMotion(trx, motionId), "motion"), personId);
      });
    },

    /**
     * The same with a sealed ballot, in a secret vote. Throws as {@link vote}, and `invalid-request` for a ballot that does not
     * say exactly one thing in this place, such as a copy of somebody else's.
     */
    async voteSecretly(
      { personId }: SignedInResident,
      motionId: string,
      number: number,
      input: { readonly ballot: string; readonly signature: string },
    ): Promise<ResidentMotion> {
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const motion = await openMotion(trx, motionId, at);
        const mine = (await selectHeadsOfPerson(trx, motionId, personId)).find(
          (head) => head.number === number,
        );
        const { isOwn, areaDm2 } = found(mine, "dwelling of yours in this vote");
        const { agendaSha256, ballotKey } = motion;
        if (ballotKey === undefined) throw refusal("conflict", "this vote is not secret");
        await lockHead(trx, motionId, number);
        const sealed = fromHex(input.ballot);
        const ballotSha256 = toHex(sha256(sealed));
        const text = voteTexts.secretBallot(communityId, { motionId, agendaSha256, number, ballotSha256 });
        const authKey = await demandSignature(trx, personId, text, input.signature);
        if (!isGoodBallot(ballotKey, { communityId, motionId, agendaSha256, number }, sealed)) {
          throw refusal("invalid-request", "this sealed ballot is not valid for this owner in this vote");
        }
        const signed = { authKey, signature: fromHex(input.signature) };
        await cast(scope, motion, { number, way: isOwn ? "app" : "proxy", areaDm2, sealed, signed });
        return seenBy(trx, found(await selectMotion(trx, motionId), "motion"), personId);
      });
    },

    /** As {@link vote}, for residents who own nothing; `not-found` for anybody else. */
    async advise(
      { personId }: SignedInResident,
      motionId: string,
      { choice, signature }: { readonly choice: VoteChoice; readonly signature: string },
    ): Promise<ResidentMotion> {
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const motion = await openMotion(trx, motionId, at);
        const isAsked = await isAdvisor(trx, motionId, personId, at);
        found(isAsked ? personId : undefined, "question to you beside this vote");
        const { agendaSha256 } = motion;
        const text = voteTexts.advisory(communityId, { motionId, agendaSha256, choice });
        const authKey = await demandSignature(trx, personId, text, signature);
        const leafId = await recordAdvice(scope, { motionId, agendaSha256, choice });
        const signed = { authKey, signature: Buffer.from(signature, "hex") };
        await unlessTaken(
          insertAdvice(trx, motionId, personId, { leafId, at, signed }),
          "you have answered already: once each",
        );
        await scope.record({ action: "motion.advised", entity: "motion", entityId: motionId });
        return seenBy(trx, found(await selectMotion(trx, motionId), "motion"), personId);
      });
    },

    /**
     * The first person's reading waits; the second's, if it is the same, casts the ballot. Throws `conflict` for the same
     * person twice, for readings that differ, for a head that has voted, and for a first reading after the end.
     */
    async enterPaper(
      author: StaffAuthor,
      motionId: string,
      { number, choice, documentNumber }: BodyOf<typeof motionEndpoints.enterPaper>,
    ): Promise<{ state: "waiting" | "cast" }> {
      authorise(author.actor, "motions.papers");
      const { staffId } = author.actor;
      return change(author, async (scope) => {
        const { trx, at, record } = scope;
        const motion = found(await selectMotion(trx, motionId), "motion");
        const { agendaSha256 } = motion;
        const stage = stageOf(motion, at);
        if (agendaSha256 === undefined || (stage !== "open" && stage !== "closed")) {
          throw refusal("conflict", "papers are entered while the vote is open");
        }
        const { areaDm2 } = found(await lockHead(trx, motionId, number), "head");
        if ((await selectBallots(trx, motionId)).some((ballot) => ballot.number === number)) {
          throw refusal("conflict", TWICE);
        }
        const waiting = (await selectPapers(trx, motionId)).find((paper) => paper.number === number);
        const trimmed = documentNumber.trim();
        if (waiting === undefined) {
          if (stage !== "open") throw refusal("conflict", "the vote is over: no new paper is taken");
          await insertPaper(trx, motionId, {
            number,
            choice,
            documentNumber: trimmed,
            enteredBy: staffId,
            at,
          });
          await record({
            action: "motion.paper-entered",
            entity: "motion",
            entityId: motionId,
            after: { number, documentNumber: trimmed },
          });
          return { state: "waiting" };
        }
        if (waiting.enteredBy === staffId) {
          throw refusal("conflict", "somebody else must read this paper too");
        }
        if (waiting.choice !== choice || waiting.documentNumber !== trimmed) {
          throw refusal(
            "conflict",
            "the two readings differ: take the first back, and both read the paper again",
          );
        }
        const { ballotKey } = motion;
        await confirmPaper(trx, motionId, number, { at, staffId, forgets: ballotKey !== undefined });
        const said =
          ballotKey === undefined
            ? { choice }
            : {
                sealed: encodeBallot(
                  sealBallot({
                    key: parseEpochKey(ballotKey),
                    place: { communityId, motionId, agendaSha256, number },
                    choice,
                    random: randomBytes,
                  }),
                ),
              };
        await cast(
          scope,
          { id: motionId, agendaSha256 },
          { number, way: "paper", areaDm2, signed: undefined, ...said },
        );
        return { state: "cast" };
      });
    },

    /** Throws `not-found` where no paper waits. */
    async dropPaper(author: StaffAuthor, motionId: string, number: number): Promise<null> {
      authorise(author.actor, "motions.papers");
      demandReason(author.reason);
      await change(author, async ({ trx, record }) => {
        await lockHead(trx, motionId, number);
        found((await deletePaper(trx, motionId, number)) ? number : undefined, "paper that waits");
        await record({
          action: "motion.paper-taken-back",
          entity: "motion",
          entityId: motionId,
          before: { number },
        });
      });
      return null;
    },

    /**
     * An owner takes back the authority they gave. Throws `not-found` for a head that is not theirs and one without a proxy,
     * `conflict` once somebody voted for it and after the end.
     */
    async withdrawProxy(
      { personId }: SignedInResident,
      motionId: string,
      number: number,
    ): Promise<ResidentMotion> {
      return change(ASKED, async ({ trx, at, record }) => {
        // Who registers a proxy at this moment, or votes by one, comes before or after.
        await trx.selectFrom("motion").select("id").where("id", "=", motionId).forUpdate().execute();
        const motion = found(await selectMotion(trx, motionId), "motion");
        const mine = (await selectHeadsOfPerson(trx, motionId, personId)).find(
          (head) => head.number === number,
        );
        if (mine?.isOwn !== true) throw refusal("not-found", "no such dwelling of yours in this vote");
        if (!["announced", "open"].includes(stageOf(motion, at)))
          throw refusal("conflict", "this vote is over");
        if ((await selectBallots(trx, motionId)).some((ballot) => ballot.number === number)) {
          throw refusal("conflict", TWICE);
        }
        if (!(await deleteProxy(trx, motionId, number))) throw refusal("not-found", "no such proxy");
        await record({
          action: "motion.proxy-withdrawn",
          entity: "motion",
          entityId: motionId,
          after: { number },
        });
        return seenBy(trx, motion, personId);
      });
    },

    /** Throws `conflict` after the end, for a head that has voted, and for a fourth head of one person. */
    async registerProxy(
      author: StaffAuthor,
      motionId: string,
      number: number,
      { personId, documentNumber }: BodyOf<typeof motionEndpoints.putProxy>,
    ): Promise<null> {
      authorise(author.actor, "motions.papers");
      await change(author, async ({ trx, at, record }) => {
        // One after the other, so that nobody gets a fourth while a third is written.
        await trx.selectFrom("motion").select("id").where("id", "=", motionId).forUpdate().execute();
        const motion = found(await selectMotion(trx, motionId), "motion");
        const stage = stageOf(motion, at);
        if (stage !== "announced" && stage !== "open") {
          throw refusal("conflict", "proxies are registered before the vote is over");
        }
        found(await lockHead(trx, motionId, number), "head");
        if ((await selectBallots(trx, motionId)).some((ballot) => ballot.number === number)) {
          throw refusal("conflict", TWICE);
        }
        if ((await countPresent(trx, [personId])) === 0) throw refusal("not-found", "no such person");
        const held = [...(await selectProxies(trx, motionId))].filter(
          ([head, holder]) => holder === personId && head !== number,
        );
        if (held.length >= MOST_PROXIES) {
          throw refusal("conflict", `one person stands in for ${MOST_PROXIES} owners at most`);
        }
        await upsertProxy(trx, motionId, {
          number,
          personId,
          documentNumber: documentNumber.trim(),
          at,
          staffId: author.actor.staffId,
        });
        await record({
          action: "motion.proxy-registered",
          entity: "motion",
          entityId: motionId,
          after: { number, documentNumber: documentNumber.trim() },
        });
      });
      return null;
    },
  };
}

function isGoodBallot(
  encodedKey: Uint8Array,
  place: Parameters<typeof verifyBallot>[1],
  sealed: Uint8Array,
): boolean {
  try {
    return verifyBallot(parseEpochKey(encodedKey), place, parseBallot(sealed));
  } catch (error) {
    if (error instanceof CustodyError) return false;
    throw error;
  }
}
