import { randomUUID } from "node:crypto";
import {
  type CanonicalJson,
  MAX_MOTION_MS,
  NAMING_NOTICE_MS,
  NAMING_TOPIC,
  ordinaryMajorityShortfalls,
  type VoteShortfall,
} from "@menshen/domain";
import type {
  NamingDecision,
  NamingMotion,
  NamingNotice,
  NamingScope,
  NamingState,
  StaffNaming,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { deleteDeskKeysOf } from "./desk-keys.store.ts";
import {
  insertDecision,
  isLive,
  lockNaming,
  type StoredDecision,
  selectDecisions,
  startOf,
  updateConfirmed,
  updateWithdrawn,
} from "./naming.store.ts";

/** Nobody decides today about the year after next. */
const MAX_AHEAD_MS = 366 * 86_400_000;

/** Whom the community names to its duty desk: by decision, in the open, never for what has been. */
export function makeNamingDecisionsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  /** After a change of what gates are told. */
  readonly decided: () => void;
}) {
  const { db, clock, change, decided } = dependencies;

  async function view(reader: Reader, id: string): Promise<NamingDecision> {
    const decision = (await selectDecisions(reader)).find((one) => one.id === id);
    return viewOf(found(decision, "decision"), clock.now());
  }

  return {
    async list(actor: Actor): Promise<readonly NamingDecision[]> {
      authorise(actor, "naming.read");
      const now = clock.now();
      return (await selectDecisions(db)).map((decision) => viewOf(decision, now));
    },

    /** For residents: what names them, now or soon. */
    async notices(): Promise<readonly NamingNotice[]> {
      const now = clock.now();
      return (await selectDecisions(db)).flatMap((decision) => {
        const { untilAt, motion, days } = decision;
        if (motion === undefined || untilAt === undefined || !isLive(decision, now)) return [];
        const { state, from } = viewOf(decision, now);
        const { title, documentNumber } = motion;
        return [{ from, until: untilAt, days, title, documentNumber, inForce: state === "in-force" }];
      });
    },

    /** Throws `conflict` while a decision names staff, and for a start that has been. */
    async nameStaff(author: StaffAuthor, input: StaffNaming): Promise<NamingDecision> {
      authorise(author.actor, "naming.write");
      demandReason(author.reason);
      const id = randomUUID();
      const answer = await change(author, async (scope) => {
        const { trx, at, record, touch } = scope;
        await demandNone(scope, "staff");
        const fromAt = input.from ?? at;
        const notice = input.notice.trim();
        if (notice.length === 0) throw refusal("invalid-request", "say what staff are told");
        if (fromAt < at) throw refusal("conflict", "nobody is named for what has been: begin now or later");
        if (fromAt > at + MAX_AHEAD_MS) throw refusal("conflict", "begin within a year");
        const said = { days: input.days, from: fromAt, notice };
        const leafId = await decide(scope, id, "staff", said);
        await insertDecision(trx, {
          id,
          scope: "staff",
          days: input.days,
          fromAt,
          untilAt: undefined,
          notice,
          motion: undefined,
          leafId,
          recordedAt: at,
          staffId: author.actor.staffId,
        });
        await record({
          action: "naming.decided",
          entity: "naming",
          entityId: id,
          after: { scope: "staff", ...said },
        });
        // Keyrings say which credentials are theirs.
        await touch("credentials");
        return view(trx, id);
      });
      decided();
      return answer;
    },

    /** Throws `conflict` for a motion that did not pass, begins too soon, lasts too long, or stands beside another. */
    async recordMotion(author: StaffAuthor, input: NamingMotion): Promise<NamingDecision> {
      authorise(author.actor, "naming.write");
      demandReason(author.reason);
      const id = randomUUID();
      return change(author, async (scope) => {
        const { trx, at, record } = scope;
        await demandNone(scope, "everyone");
        demandPassed(input);
        demandNotice(input.from, at);
        if (input.until <= input.from) throw refusal("conflict", "it must end after its start");
        if (input.until - input.from > MAX_MOTION_MS || input.from > at + MAX_AHEAD_MS) {
          throw refusal("conflict", "everyone is named for a year at most, from within a year");
        }
        const { days, from: fromAt, until: untilAt, ...motion } = input;
        await insertDecision(trx, {
          id,
          scope: "everyone",
          days,
          fromAt,
          untilAt,
          notice: undefined,
          motion,
          leafId: undefined,
          recordedAt: at,
          staffId: author.actor.staffId,
        });
        await record({
          action: "naming.motion-recorded",
          entity: "naming",
          entityId: id,
          after: { ...input },
        });
        return view(trx, id);
      });
    },

    /** Throws `conflict` unless it waits and somebody else recorded it, and if its start is less than a week away. */
    async confirm(author: StaffAuthor, id: string): Promise<NamingDecision> {
      authorise(author.actor, "naming.confirm");
      demandReason(author.reason);
      const answer = await change(author, async (scope) => {
        const { trx, at, record } = scope;
        await lockNaming(trx);
        const waiting = found(
          (await selectDecisions(trx)).find((one) => one.id === id),
          "decision",
        );
        const { motion, untilAt, fromAt, days } = waiting;
        if (stateOf(waiting, at) !== "waiting" || motion === undefined || untilAt === undefined) {
          throw refusal("conflict", "nothing waits to be confirmed here");
        }
        const { staffId } = author.actor;
        if (staffId === waiting.recordedBy.id) {
          throw refusal("conflict", "somebody else must confirm what you recorded");
        }
        demandNotice(fromAt, at);
        const { title, documentNumber, minutesSha256, votedOn, vote } = motion;
        const leafId = await decide(scope, id, "everyone", {
          days,
          from: fromAt,
          until: untilAt,
          title,
          documentNumber,
          minutesSha256,
          votedOn,
          vote: { heads: { ...vote.heads }, areaDm2: { ...vote.areaDm2 } },
        });
        await updateConfirmed(trx, id, { at, staffId, leafId });
        await record({
          action: "naming.decided",
          entity: "naming",
          entityId: id,
          after: { scope: "everyone", days, from: fromAt, until: untilAt, documentNumber },
        });
        return view(trx, id);
      });
      decided();
      return answer;
    },

    /** By one alone, at once: its keys are destroyed, so that what was named opens no more either. */
    async withdraw(author: StaffAuthor, id: string): Promise<NamingDecision> {
      authorise(author.actor, "naming.withdraw");
      demandReason(author.reason);
      const answer = await change(author, async ({ trx, at, record, leaf, touch }) => {
        await lockNaming(trx);
        const decision = found(
          (await selectDecisions(trx)).find((one) => one.id === id),
          "decision",
        );
        if (decision.withdrawnAt !== undefined) throw refusal("conflict", "it was withdrawn before");
        const { scope } = decision;
        await updateWithdrawn(trx, id, { at, staffId: author.actor.staffId });
        await deleteDeskKeysOf(trx, id);
        if (decision.leafId !== undefined) {
          await leaf({
            topic: "naming-withdrawn",
            subject: { kind: "community" },
            statement: { decisionId: id, scope },
            public: true,
          });
        }
        await record({ action: "naming.withdrawn", entity: "naming", entityId: id, before: { scope } });
        if (scope === "staff") await touch("credentials");
        return view(trx, id);
      });
      decided();
      return answer;
    },
  };
}

/** The leaf that gates demand. */
function decide(
  { leaf }: ChangeScope,
  decisionId: string,
  scope: NamingScope,
  said: { readonly [name: string]: CanonicalJson },
): Promise<string> {
  return leaf({
    topic: NAMING_TOPIC,
    subject: { kind: "community" },
    statement: { decisionId, scope, ...said },
    public: true,
  });
}

async function demandNone({ trx, at }: ChangeScope, scope: NamingScope): Promise<void> {
  await lockNaming(trx);
  const other = (await selectDecisions(trx)).find(
    (one) => one.scope === scope && !["ended", "withdrawn"].includes(stateOf(one, at)),
  );
  if (other !== undefined) throw refusal("conflict", "another such decision stands: withdraw it first");
}

function demandNotice(from: number, at: number): void {
  if (from < at + NAMING_NOTICE_MS) {
    throw refusal("conflict", "everyone must be able to read of it for seven days before it begins");
  }
}

const SHORTFALL_TEXTS: Readonly<Record<VoteShortfall["lacks"], string>> = {
  impossible: "the counts contradict each other",
  quorum: "fewer than two thirds took part",
  majority: "no more than half of those who took part were in favour",
};

function demandPassed({ vote }: NamingMotion): void {
  const shortfalls = ordinaryMajorityShortfalls(vote);
  if (shortfalls.length === 0) return;
  const fields = shortfalls.map(({ measure, lacks }) => ({
    path: `body/vote/${measure}`,
    message: SHORTFALL_TEXTS[lacks],
  }));
  throw refusal("conflict", "this motion did not pass (Civil Code, article 278)", { fields });
}

function stateOf(decision: StoredDecision, now: number): NamingState {
  const { withdrawnAt, untilAt, leafId, fromAt } = decision;
  if (withdrawnAt !== undefined) return "withdrawn";
  if (untilAt !== undefined && untilAt <= now) return "ended";
  // A motion that nobody confirmed in time cannot begin any more.
  if (leafId === undefined) return fromAt <= now ? "ended" : "waiting";
  const start = startOf(decision);
  return start !== undefined && start <= now ? "in-force" : "announced";
}

function viewOf(decision: StoredDecision, now: number): NamingDecision {
  const { id, scope, days, fromAt, recordedAt, recordedBy } = decision;
  return {
    id,
    scope,
    state: stateOf(decision, now),
    days,
    from: startOf(decision) ?? fromAt,
    ...optional("until", decision.untilAt),
    ...optional("notice", decision.notice),
    ...optional("motion", decision.motion),
    recordedAt,
    recordedBy: recordedBy.name,
    ...optional("confirmedAt", decision.confirmedAt),
    ...optional("confirmedBy", decision.confirmedBy),
    ...optional("withdrawnAt", decision.withdrawnAt),
    ...optional("withdrawnBy", decision.withdrawnBy),
    ...optional("announcedAt", decision.provenAt),
  };
}
