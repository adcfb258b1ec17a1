import { primitives, toHex } from "@menshen/crypto/node";
import { commitAnswer, LOG_GRACE_MS } from "@menshen/evidence";
import { type HandledComplaint, type QueuedComplaint, STAFF_BODIES, type StaffBody } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  countOverdue,
  countUnlogged,
  forgetTexts,
  insertStep,
  lockComplaint,
  type StoredComplaint,
  selectComplaint,
  selectDueIds,
  selectQueue,
  selectSteps,
  updateState,
} from "./complaints.store.ts";
import { catchUpClock, passOn } from "./passing.ts";
import type { SealedTexts } from "./sealed-texts.ts";

/** What was written is forgotten two years after its answer; that it was written stays in the log. */
const TEXT_LIFE_MS = 2 * 365 * 86_400_000;
/** A clock that nobody looked after for so long does not run. */
const CLOCK_GRACE_MS = 15 * 60_000;
const BY_CLOCK = { actor: undefined, reason: { code: "routine" } } as const;

export type QueueService = ReturnType<typeof makeQueueService>;

/** Complaints as the bodies see them that have to answer: each only its own, nobody what is about them. */
export function makeQueueService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly texts: SealedTexts;
  readonly timeZone: () => Promise<string>;
  readonly nameOf: (personId: string) => Promise<string | undefined>;
}) {
  const { db, clock, change, texts, timeZone, nameOf } = dependencies;

  /** A complaint of another body, or about whoever asks, is one that there is not. */
  function theirs(actor: Actor, complaint: StoredComplaint | undefined): StoredComplaint {
    if (complaint?.body !== actor.body || complaint.aboutStaffId === actor.staffId) {
      throw refusal("not-found", "your body has no such complaint");
    }
    return complaint;
  }

  /**
   * The body's own open complaint, locked. Its deadline counts now, whether or not anybody looked at the clock: then the
   * rise is stored, and the caller is told by a refusal.
   */
  async function settle(id: string): Promise<void> {
    const zone = await timeZone();
    await change(BY_CLOCK, async (scope) => {
      const complaint = await lockComplaint(scope.trx, id);
      if (complaint !== undefined) await catchUpClock(scope, zone, complaint);
    });
  }

  return {
    async list(actor: Actor, isAnswered: boolean) {
      authorise(actor, "complaints.handle");
      const items = await selectQueue(db, actor.body, actor.staffId, isAnswered);
      return { items: items.map(lineOf), body: actor.body };
    },

    /** The writer's name only with a reason for the look, which they can read. Throws `not-found`. */
    async get(actor: Actor, id: string, mayName: boolean): Promise<HandledComplaint> {
      authorise(actor, "complaints.handle");
      const complaint = theirs(actor, await selectComplaint(db, id));
      const { personId, text, aboutBody } = complaint;
      const steps = await selectSteps(db, id);
      const had = new Set(steps.map(({ body }) => body));
      const name = mayName && personId !== undefined ? await nameOf(personId) : undefined;
      return {
        ...lineOf(complaint),
        text: text === undefined ? "" : texts.open(id, text),
        steps: steps.map((step) => ({
          at: step.at,
          kind: step.kind,
          body: step.body,
          ...optional("to", step.to),
          ...optional("cause", step.cause),
          ...optional("text", step.text && texts.open(id, step.text)),
          ...optional("staffName", step.staffName),
        })),
        ...(name === undefined || personId === undefined ? {} : { writer: { personId, name } }),
        handOnTo:
          complaint.state === "open"
            ? STAFF_BODIES.filter((body) => !had.has(body) && body !== aboutBody)
            : [],
      };
    },

    /** Throws `not-found` also once the deadline is over and it went on, `conflict` for one that is answered. */
    async answer(author: StaffAuthor, id: string, text: string): Promise<QueuedComplaint> {
      authorise(author.actor, "complaints.handle");
      await settle(id);
      return change(author, async ({ trx, at, leaf, record }) => {
        const complaint = theirs(author.actor, await lockComplaint(trx, id));
        const { body, late, state } = complaint;
        if (state !== "open") throw refusal("conflict", "it was answered already");
        const said = text.trim();
        if (said === "") throw refusal("invalid-request", "an answer has words");
        await updateState(trx, id, "answered", at);
        const { staffId } = author.actor;
        await insertStep(trx, id, { at, kind: "answered", body, text: texts.seal(id, said), staffId });
        const nonce = texts.openBytes(id, complaint.nonce);
        await leaf({
          topic: "complaint-answered",
          subject: { kind: "community" },
          statement: { complaintId: id, body, late, answer: toHex(commitAnswer(primitives, nonce, said)) },
          public: true,
        });
        await record({ action: "complaint.answered", entity: "complaint", entityId: id, after: { body } });
        return lineOf(found(await selectComplaint(trx, id), "complaint"));
      });
    },

    /** Hands on what is another body's to answer; never to one that had it, nor to one that it is about. */
    async handOn(author: StaffAuthor, id: string, to: StaffBody, why: string): Promise<QueuedComplaint> {
      authorise(author.actor, "complaints.handle");
      await settle(id);
      const zone = await timeZone();
      return change(author, async (scope) => {
        const { trx } = scope;
        const complaint = theirs(author.actor, await lockComplaint(trx, id));
        if (complaint.state !== "open") throw refusal("conflict", "it was answered already");
        const had = new Set((await selectSteps(trx, id)).map(({ body }) => body));
        if (had.has(to) || to === complaint.aboutBody) {
          throw refusal("conflict", "that body had it already, or it is about them");
        }
        await passOn(scope, zone, complaint, to, {
          cause: "handler",
          text: texts.seal(id, why.trim()),
          staffId: author.actor.staffId,
        });
        return lineOf(found(await selectComplaint(trx, id), "complaint"));
      });
    },

    /** What stands against K1 now: complaints past their deadline without an answer. */
    countOverdue: (now: number) => countOverdue(db, now - CLOCK_GRACE_MS),

    /** What stands against K2 now: complaints that the log left out. */
    countUnlogged: (now: number) => countUnlogged(db, now - LOG_GRACE_MS),

    /** Does what the clocks want by now; each complaint in a transaction of its own. */
    async tick(): Promise<void> {
      for (const id of await selectDueIds(db, clock.now())) await settle(id);
      await forgetTexts(db, clock.now() - TEXT_LIFE_MS);
    },
  };
}

function lineOf(complaint: StoredComplaint): QueuedComplaint {
  const { id, kind, category, body, state, channel, receivedAt, answerBy, reminders, late } = complaint;
  return {
    id,
    kind,
    category,
    body,
    state,
    channel,
    receivedAt,
    answerBy,
    ...optional("answeredAt", complaint.answeredAt),
    ...optional("aboutBody", complaint.aboutBody),
    ...optional("aboutStaff", complaint.aboutStaff),
    reminders,
    late,
    ...optional("cameBy", complaint.cameBy),
  };
}
