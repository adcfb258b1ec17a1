import type { AlarmKind } from "@menshen/domain";
import type {
  Alarm,
  AlarmQuery,
  AlarmStep,
  alarmEndpoints,
  BodyOf,
  Permission,
  ResponseOf,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { rolesWith } from "../../authority/roles.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import { cutPage } from "../../database/cursor.ts";
import type { Database, Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { Directory } from "../directory/index.ts";
import { insertStep, lockFeed, writeFeed } from "./alarm-feed.store.ts";
import {
  type AlarmUpdate,
  selectAlarm,
  selectAssignees,
  selectClosed,
  selectCurrent,
  selectSteps,
  updateAlarm,
} from "./alarms.store.ts";
import type { InstructionsService } from "./instructions.service.ts";

const DEFAULT_LIMIT = 100;

/** What somebody needs to see alarms of a kind: of a call for help, only those who go to the door learn. */
export function alarmPermission(kind: AlarmKind): Permission {
  return kind === "duress" ? "alarms.handle" : "alarms.read";
}

/** Lets a screen at a door say that somebody took the call there; what comes back is for after the commit. */
export type AnswerCall = (
  scope: Pick<ChangeScope, "trx" | "at">,
  call: { readonly gateId: string; readonly readerId: string; readonly staffId: string },
) => Promise<() => void>;

export type AlarmsService = ReturnType<typeof makeAlarmsService>;

/** Alarms as people work them off. */
export function makeAlarmsService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly directory: () => Promise<Directory>;
  readonly instructions: Pick<InstructionsService, "of">;
  /** Told after each commit that changed an alarm. */
  readonly changed: () => void;
  readonly answerCall: AnswerCall;
}) {
  const { db, change, directory, instructions, changed, answerCall } = dependencies;

  async function seen(actor: Actor, id: string): Promise<Alarm> {
    const alarm = found(await selectAlarm(db, id, await directory()), "alarm");
    // Not "forbidden": that would tell that somebody called for help.
    if (!actor.permissions.has(alarmPermission(alarm.kind))) throw refusal("not-found", "no such alarm");
    return alarm;
  }

  /**
   * One person's change. `judge` answers what to make of the alarm, or nothing if this person did the same before (an
   * answer that was lost), and refuses what cannot be done any more.
   */
  async function act(
    author: StaffAuthor,
    id: string,
    revision: number,
    work: (alarm: Alarm, trx: Trx, at: number) => Promise<Act | undefined> | Act | undefined,
  ): Promise<Alarm> {
    authorise(author.actor, "alarms.handle");
    const names = await directory();
    let answer = () => {};
    const after = await change(author, async ({ trx, at, record }) => {
      const feed = await lockFeed(trx);
      const before = found(await selectAlarm(trx, id, names), "alarm");
      const done = await work(before, trx, at);
      if (done === undefined) return before;
      if (before.revision !== revision) throw tooLate("stale-revision", before);
      await updateAlarm(trx, id, feed.last + 1, done.update);
      await writeFeed(trx, { ...feed, last: feed.last + 1 });
      const staffId = author.actor.staffId;
      await insertStep(trx, {
        alarmId: id,
        at,
        what: done.what,
        staffId,
        ...optional("assignedTo", done.assignedTo),
      });
      // Neither kind nor place: an auditor who sees all changes must not learn of a call for help.
      await record({
        action: `alarm.${done.what}`,
        entity: "alarm",
        entityId: id,
        before: { state: before.state },
        after: { state: done.update.state },
      });
      const { kind, gateId, readerId } = before;
      if (
        kind === "call" &&
        before.state === "open" &&
        done.update.state !== "open" &&
        readerId !== undefined
      ) {
        answer = await answerCall({ trx, at }, { gateId, readerId, staffId });
      }
      return found(await selectAlarm(trx, id, names), "alarm");
    });
    changed();
    answer();
    return after;
  }

  return {
    /** Those that stand, for the overview; absent for those who may not see any. */
    async standing(actor: Actor): Promise<Alarm[] | undefined> {
      if (!actor.permissions.has("alarms.read")) return undefined;
      return selectCurrent(db, {}, actor.permissions.has("alarms.handle"), await directory());
    },

    async list(actor: Actor, query: AlarmQuery): Promise<ResponseOf<typeof alarmEndpoints.list>> {
      authorise(actor, "alarms.read");
      const names = await directory();
      if (query.state !== "closed") {
        return { items: await selectCurrent(db, query, actor.permissions.has("alarms.handle"), names) };
      }
      const limit = query.limit ?? DEFAULT_LIMIT;
      const page = cutPage(await selectClosed(db, query, limit, names), limit, ({ closed, id }) => [
        closed?.at ?? 0,
        id,
      ]);
      return { items: [...page.rows], ...optional("nextCursor", page.nextCursor) };
    },

    async read(actor: Actor, id: string): Promise<ResponseOf<typeof alarmEndpoints.get>> {
      authorise(actor, "alarms.read");
      const alarm = await seen(actor, id);
      return {
        alarm,
        instruction: await instructions.of(alarm.kind),
        steps: stepsOf(alarm, await selectSteps(db, id)),
      };
    },

    /** Throws `conflict` with who was first if it does not ring any more. */
    acknowledge: (author: StaffAuthor, id: string, { revision }: BodyOf<typeof alarmEndpoints.acknowledge>) =>
      act(author, id, revision, (alarm, _, at) => {
        const { staffId } = author.actor;
        if (alarm.state === "acknowledged" && alarm.acknowledged?.staffId === staffId) return undefined;
        if (alarm.state !== "open") throw tooLate("conflict", alarm);
        return { what: "acknowledged", update: { state: "acknowledged", acknowledged: { staffId, at } } };
      }),

    /** Throws `conflict` for a closed one, `invalid-request` for somebody who cannot take care of alarms. */
    assign: (author: StaffAuthor, id: string, input: BodyOf<typeof alarmEndpoints.assign>) =>
      act(author, id, input.revision, async (alarm, trx, at) => {
        if (alarm.state === "closed") throw tooLate("conflict", alarm);
        const { staffId } = input;
        if (staffId === alarm.assigned?.staffId) return undefined;
        if (staffId === undefined)
          return { what: "unassigned", update: { state: alarm.state, assigned: null } };
        const assignees = await selectAssignees(trx, rolesWith("alarms.handle"));
        if (!assignees.some((assignee) => assignee.staffId === staffId)) {
          throw refusal("invalid-request", "expected somebody who may handle alarms");
        }
        return {
          what: "assigned",
          assignedTo: staffId,
          update: { state: alarm.state, assigned: { staffId, at } },
        };
      }),

    /** Throws `conflict` with who was first if it is closed. */
    close(author: StaffAuthor, id: string, { revision, finding }: BodyOf<typeof alarmEndpoints.close>) {
      if (finding.code === "other" && (finding.text ?? "").trim() === "") {
        throw refusal("invalid-request", "say what was found: `other` needs a text");
      }
      return act(author, id, revision, (alarm, _, at) => {
        const { staffId } = author.actor;
        if (alarm.state === "closed") {
          if (alarm.closed?.staffId === staffId && alarm.revision === revision + 1) return undefined;
          throw tooLate("conflict", alarm);
        }
        return { what: "closed", update: { state: "closed", closed: { staffId, at, finding } } };
      });
    },

    /** Throws `conflict` if it is open, or if the same rang again meanwhile: that is another alarm. */
    reopen: (author: StaffAuthor, id: string, { revision }: BodyOf<typeof alarmEndpoints.reopen>) =>
      act(author, id, revision, async (alarm, trx) => {
        if (alarm.state !== "closed") throw tooLate("conflict", alarm);
        const { kind, late } = alarm;
        const place = alarm.readerId ?? alarm.portalId ?? alarm.gateId;
        const other = await trx
          .selectFrom("alarm")
          .select("id")
          .where("state", "<>", "closed")
          .where("kind", "=", kind)
          .where("place", "=", place)
          .where("late", "=", late)
          .executeTakeFirst();
        if (other !== undefined)
          throw refusal("conflict", "the same rang again meanwhile: see the newer alarm");
        const state = alarm.acknowledged === undefined ? "open" : "acknowledged";
        return { what: "reopened", update: { state, closed: null } };
      }),

    async assignees(actor: Actor): Promise<ResponseOf<typeof alarmEndpoints.assignees>> {
      authorise(actor, "alarms.handle");
      return { items: await selectAssignees(db, rolesWith("alarms.handle")) };
    },
  };
}

interface Act {
  readonly what: "acknowledged" | "assigned" | "unassigned" | "closed" | "reopened";
  readonly update: AlarmUpdate;
  readonly assignedTo?: string;
}

/** Says who was first: the last of those who did something about it. */
function tooLate(code: "conflict" | "stale-revision", alarm: Alarm) {
  const hands = [alarm.closed, alarm.acknowledged, alarm.assigned].filter((hand) => hand !== undefined);
  const last = hands.toSorted((a, b) => b.at - a.at)[0];
  if (last === undefined) return refusal(code, "this alarm changed meanwhile: read it again");
  const { staffName, at } = last;
  return refusal(code, `\`${staffName}\` was first`, { first: { staffName, at, state: alarm.state } });
}

function stepsOf(alarm: Alarm, between: readonly AlarmStep[]): AlarmStep[] {
  const ended: AlarmStep[] = alarm.endedAt === undefined ? [] : [{ at: alarm.endedAt, what: "ended" }];
  const raised: AlarmStep = { at: alarm.receivedAt, what: "raised" };
  return [raised, ...[...ended, ...between].toSorted((a, b) => a.at - b.at)];
}
