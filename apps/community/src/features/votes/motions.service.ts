import { randomInt, randomUUID } from "node:crypto";
import { sha256, toHex } from "@menshen/crypto/node";
import { MAX_SUM } from "@menshen/custody";
import {
  type ForbiddenMatter,
  faultOfTimes,
  type MotionRefusal,
  majorityOf,
  refuseMotion,
  stageOf,
  type TimesFault,
  VOTE_MATTERS,
} from "@menshen/domain";
import { type Motion, type MotionDraft, type MotionHead, voteTexts } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectBallotNumbers, selectPapers, selectProxies } from "./ballots.store.ts";
import { staffMotion } from "./motion-view.ts";
import {
  insertMotion,
  lockMotion,
  type StoredHead,
  selectHeads,
  selectMotion,
  selectMotions,
  updatePublished,
  updateWithdrawn,
} from "./motions.store.ts";
import { type StoredRollDwelling, selectRoll } from "./owners-roll.store.ts";

const SHOWN = 200;

const TIMES_TEXTS: Readonly<Record<TimesFault, string>> = {
  "notice-too-short":
    "all owners must be able to read it fifteen days before the vote opens (Property management regulations, article 14)",
  "too-far-ahead": "open the vote within 120 days",
  "voting-too-short": "a vote is open for a day at least",
  "voting-too-long": "a vote is open for 60 days at most",
};

const FORBIDDEN_TEXTS: Readonly<Record<ForbiddenMatter, string>> = {
  "face-mandatory": "no vote can make face recognition mandatory",
  "tenants-worse": "no vote can treat tenants worse than owners at the doors",
  "unlimited-data": "no vote can allow data to be kept or used without limit",
  "waive-consent": "no vote can take the place of somebody's own consent",
};

export type MotionsService = ReturnType<typeof makeMotionsService>;

/** Motions of the owners: drafted by the committee, published before, and not changed after. */
export function makeMotionsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly communityId: string;
}) {
  const { db, clock, change, communityId } = dependencies;

  async function view(reader: Reader, id: string): Promise<Motion> {
    return staffMotion(found(await selectMotion(reader, id), "motion"), clock.now());
  }

  return {
    async list(actor: Actor): Promise<Motion[]> {
      authorise(actor, "motions.read");
      const now = clock.now();
      return (await selectMotions(db, SHOWN)).map((motion) => staffMotion(motion, now));
    },

    async read(actor: Actor, id: string): Promise<{ motion: Motion; heads: MotionHead[] }> {
      authorise(actor, "motions.read");
      const motion = await view(db, id);
      const voted = await selectBallotNumbers(db, id);
      const papers = new Map((await selectPapers(db, id)).map((paper) => [paper.number, paper]));
      const proxies = await selectProxies(db, id);
      const heads = (await selectHeads(db, id)).map(({ number, areaDm2, dwellingNames }): MotionHead => {
        const paper = papers.get(number);
        const isWaiting = paper !== undefined && !voted.has(number);
        return {
          number,
          areaDm2,
          dwellingNames: [...dwellingNames],
          state: voted.has(number) ? "voted" : isWaiting ? "waiting" : "open",
          ...(isWaiting ? { mine: paper.enteredBy === actor.staffId } : {}),
          proxy: proxies.has(number),
        };
      });
      return { motion, heads };
    },

    /** Throws `conflict` for what no vote decides, and for a matter under a lower majority than its own. */
    async create(author: StaffAuthor, input: MotionDraft): Promise<Motion> {
      authorise(author.actor, "motions.write");
      const refused = refuseMotion({ ...input, claimed: input.majority });
      if (refused !== undefined) throw refusal("conflict", refusalText(refused));
      const matter = VOTE_MATTERS.find((one) => one === input.matter);
      if (matter === undefined) throw refusal("invalid-request", "no such matter");
      return change(author, async ({ trx, at, record }) => {
        const id = randomUUID();
        const fault = faultOfTimes(input, at);
        if (fault !== undefined) throw refusal("conflict", TIMES_TEXTS[fault]);
        const { opensAt, closesAt, subject, secret: isSecret = false } = input;
        const motion = {
          id,
          matter,
          title: input.title.trim(),
          text: input.text.trim(),
          subject,
          opensAt,
          closesAt,
          isSecret,
        };
        await insertMotion(trx, { ...motion, at, staffId: author.actor.staffId });
        await record({
          action: "motion.drafted",
          entity: "motion",
          entityId: id,
          after: {
            matter,
            title: motion.title,
            ...optional("subject", subject),
            isSecret,
            opensAt,
            closesAt,
          },
        });
        return view(trx, id);
      });
    },

    /** Throws `conflict` unless it is a draft whose vote opens in fifteen days or later, and the roll has an owner. */
    async publish(author: StaffAuthor, id: string): Promise<Motion> {
      authorise(author.actor, "motions.write");
      demandReason(author.reason);
      return change(author, async ({ trx, at, record, leaf }) => {
        await lockMotion(trx, id);
        const motion = found(await selectMotion(trx, id), "motion");
        if (stageOf(motion, at) !== "draft") throw refusal("conflict", "it is on the agenda already");
        const fault = faultOfTimes(motion, at);
        if (fault !== undefined) throw refusal("conflict", TIMES_TEXTS[fault]);
        const heads = drawNumbers(await selectRoll(trx));
        if (heads.length === 0)
          throw refusal("conflict", "the owners' roll is empty: enter who owns what first");
        const { ballotKey } = motion;
        if (motion.isSecret && ballotKey === undefined) {
          throw refusal("conflict", "the custodians have to make the key of this secret vote first");
        }
        if (motion.isSecret && heads.reduce((sum, head) => sum + head.areaDm2, 0) > MAX_SUM) {
          throw refusal(
            "conflict",
            "sums of more than ten square kilometres cannot be opened: vote by an open roll",
          );
        }
        const ballotKeySha256 = ballotKey && toHex(sha256(ballotKey));
        const agendaSha256 = digest(voteTexts.agenda(communityId, { ...motion, ballotKeySha256 }));
        const roll = heads.map(({ number, areaDm2 }): [number, number] => [number, areaDm2]);
        const rollSha256 = digest(voteTexts.roll(id, roll));
        await updatePublished(trx, id, { at, agendaSha256, rollSha256 }, heads);
        const { matter, title, opensAt, closesAt, subject } = motion;
        await leaf({
          topic: "motion-published",
          subject: { kind: "community" },
          statement: {
            motionId: id,
            matter,
            majority: majorityOf(matter),
            title,
            ...(subject === undefined ? {} : { about: subject }),
            agendaSha256,
            ...optional("ballotKeySha256", ballotKeySha256),
            opensAt,
            closesAt,
            heads: heads.length,
            areaDm2: heads.reduce((sum, head) => sum + head.areaDm2, 0),
            rollSha256,
          },
          public: true,
        });
        await record({ action: "motion.published", entity: "motion", entityId: id, after: { agendaSha256 } });
        return view(trx, id);
      });
    },

    /** Throws `conflict` once it is open: what people voted on stays. */
    async withdraw(author: StaffAuthor, id: string): Promise<Motion> {
      authorise(author.actor, "motions.write");
      demandReason(author.reason);
      return change(author, async ({ trx, at, record, leaf }) => {
        await lockMotion(trx, id);
        const motion = found(await selectMotion(trx, id), "motion");
        const stage = stageOf(motion, at);
        if (stage !== "draft" && stage !== "announced") {
          throw refusal("conflict", "only a motion that has not opened can be withdrawn");
        }
        await updateWithdrawn(trx, id, at);
        if (stage === "announced") {
          await leaf({
            topic: "motion-withdrawn",
            subject: { kind: "community" },
            statement: { motionId: id },
            public: true,
          });
        }
        await record({ action: "motion.withdrawn", entity: "motion", entityId: id, before: { stage } });
        return view(trx, id);
      });
    },
  };
}

/** SHA-256 of a text, hexadecimal. */
export function digest(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}

/** Heads with numbers by lot, so that neither their order nor a number of before says whose they are. */
function drawNumbers(
  roll: readonly StoredRollDwelling[],
): (StoredHead & { readonly personIds: readonly string[] })[] {
  const owners = new Map<string, { areaDm2: number; names: string[]; personIds: readonly string[] }>();
  for (const { ownerId, areaDm2, dwellingName, personIds } of roll) {
    const owner = owners.get(ownerId) ?? { areaDm2: 0, names: [], personIds };
    owner.areaDm2 += areaDm2;
    owner.names.push(dwellingName);
    owners.set(ownerId, owner);
  }
  const drawn = [...owners.values()];
  // Fisher and Yates.
  for (let last = drawn.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const [a, b] = [drawn[last], drawn[other]];
    if (a === undefined || b === undefined) continue;
    drawn[last] = b;
    drawn[other] = a;
  }
  return drawn.map(({ areaDm2, names, personIds }, index) => ({
    number: index + 1,
    areaDm2,
    dwellingNames: names,
    personIds,
  }));
}

function refusalText(refused: MotionRefusal): string {
  switch (refused.why) {
    case "forbidden":
      return `${FORBIDDEN_TEXTS[refused.forbidden]} (${refused.rules.join("; ")})`;
    case "needs-three-quarters":
      return `this is a matter of \`${refused.matter}\`, which needs three quarters of both measures (Civil Code, article 278): file it as that`;
    case "wrong-majority":
      return "this matter needs three quarters of both measures (Civil Code, article 278)";
  }
}
