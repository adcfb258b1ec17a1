import { randomUUID } from "node:crypto";
import type {
  BodyOf,
  HandOverNote,
  HandOverNoteCreate,
  handOverNoteEndpoints,
  QueryOf,
  ResponseOf,
  Shift,
  shiftEndpoints,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { demandFresh, found, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectRecordSettings } from "../retention/index.ts";
import {
  closeShift,
  deleteOldShifts,
  insertNote,
  insertShift,
  lockNote,
  lockOwnShift,
  selectNote,
  selectNotes,
  selectOpenShifts,
  selectShift,
  selectShifts,
  selectStandingNotes,
  setSettled,
} from "./shifts.store.ts";

const DAY_MS = 86_400_000;
/** A note may say more than it should of whoever was there: it goes soon after its work is done. */
const SETTLED_KEPT_MS = 30 * DAY_MS;

export type ShiftsService = ReturnType<typeof makeShiftsService>;

/** Who is on duty, and what one shift tells the next. */
export function makeShiftsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
}) {
  const { db, clock, change } = dependencies;

  async function writeNote(
    { trx, at, record }: ChangeScope,
    shiftId: string,
    staffId: string,
    input: HandOverNoteCreate,
  ): Promise<string> {
    const id = randomUUID();
    const { portalId, alarmId } = input;
    const text = input.text.trim();
    if (text === "") throw refusal("invalid-request", "a note needs a text");
    if (portalId !== undefined) await demandThere(trx, "portal", portalId);
    if (alarmId !== undefined) await demandThere(trx, "alarm", alarmId);
    await insertNote(trx, { id, shiftId, staffId, at, text, portalId, alarmId });
    await record({
      action: "hand-over-note.written",
      entity: "hand-over-note",
      entityId: id,
      after: { text, portalId },
      personal: ["text"],
    });
    return id;
  }

  async function demandThere(trx: ChangeScope["trx"], table: "portal" | "alarm", id: string): Promise<void> {
    const row = await trx.selectFrom(table).select("id").where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw refusal("invalid-request", `no such ${table === "portal" ? "door" : table}`);
  }

  async function settle(author: StaffAuthor, id: string, revision: number, isSettled: boolean) {
    authorise(author.actor, "shifts.keep");
    return change(author, async ({ trx, at, record }): Promise<HandOverNote> => {
      const before = found(await lockNote(trx, id), "note");
      if ((before.settledAt !== undefined) === isSettled) return before;
      demandFresh(before, revision);
      const { staffId } = author.actor;
      await setSettled(trx, id, isSettled ? { staffId, at } : undefined);
      await record({
        action: isSettled ? "hand-over-note.settled" : "hand-over-note.unsettled",
        entity: "hand-over-note",
        entityId: id,
      });
      return found(await selectNote(trx, id), "note");
    });
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof shiftEndpoints.list>) {
      authorise(actor, "shifts.keep");
      return selectShifts(db, query);
    },

    async current(actor: Actor): Promise<ResponseOf<typeof shiftEndpoints.current>> {
      authorise(actor, "shifts.keep");
      const open = await selectOpenShifts(db);
      const own = open.find(({ staffId }) => staffId === actor.staffId);
      return {
        ...(own === undefined ? {} : { own }),
        others: open.filter(({ staffId }) => staffId !== actor.staffId),
        notes: await selectStandingNotes(db),
      };
    },

    /** Throws `conflict` if one's last shift is still open. */
    async open(author: StaffAuthor): Promise<ResponseOf<typeof shiftEndpoints.open>> {
      authorise(author.actor, "shifts.keep");
      const { staffId } = author.actor;
      return change(author, async ({ trx, at, record }) => {
        const id = randomUUID();
        await unlessTaken(insertShift(trx, id, staffId, at), "your last shift is still open: close it first");
        await record({ action: "shift.opened", entity: "shift", entityId: id });
        return { shift: found(await selectShift(trx, id), "shift"), notes: await selectStandingNotes(trx) };
      });
    },

    /** Somebody forgot to: then a manager ends it. Throws `stale-revision`; one that is closed stays as it is. */
    async close(author: StaffAuthor, id: string, input: BodyOf<typeof shiftEndpoints.close>): Promise<Shift> {
      const { actor } = author;
      authorise(actor, "shifts.keep");
      return change(author, async (scope) => {
        const { trx, at, record } = scope;
        await trx.selectFrom("shift").select("id").where("id", "=", id).forUpdate().execute();
        const before = found(await selectShift(trx, id), "shift");
        if (before.staffId !== actor.staffId) authorise(actor, "alarms.settings");
        if (before.closedAt !== undefined) return before;
        demandFresh(before, input.revision);
        if (input.note !== undefined) await writeNote(scope, id, actor.staffId, { text: input.note });
        await closeShift(trx, id, Math.max(at, before.openedAt));
        await record({ action: "shift.closed", entity: "shift", entityId: id });
        return found(await selectShift(trx, id), "shift");
      });
    },

    async notes(actor: Actor, { state, ...page }: QueryOf<typeof handOverNoteEndpoints.list>) {
      authorise(actor, "shifts.keep");
      return selectNotes(db, page, state === "settled");
    },

    /** Throws `conflict` without an open shift of one's own. */
    async write(author: StaffAuthor, input: HandOverNoteCreate): Promise<HandOverNote> {
      authorise(author.actor, "shifts.keep");
      const { staffId } = author.actor;
      return change(author, async (scope) => {
        const own = await lockOwnShift(scope.trx, staffId);
        if (own === undefined) throw refusal("conflict", "open your shift first");
        return found(await selectNote(scope.trx, await writeNote(scope, own.id, staffId, input)), "note");
      });
    },

    /** Throws `stale-revision`; one that is settled stays as it is. */
    settle: (author: StaffAuthor, id: string, { revision }: BodyOf<typeof handOverNoteEndpoints.settle>) =>
      settle(author, id, revision, true),

    unsettle: (
      author: StaffAuthor,
      id: string,
      { revision }: BodyOf<typeof handOverNoteEndpoints.unsettle>,
    ) => settle(author, id, revision, false),

    /** Deletes notes that were settled a month ago, and shifts with the other records of administration. */
    async tidy(): Promise<void> {
      const now = clock.now();
      const { recordRetentionDays } = await selectRecordSettings(db);
      await deleteOldShifts(db, now - SETTLED_KEPT_MS, now - recordRetentionDays * DAY_MS);
    },
  };
}
