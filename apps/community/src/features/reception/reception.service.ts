import { randomUUID } from "node:crypto";
import { dayNumberOf, parseLocalDate, weekdayOf } from "@menshen/domain";
import type {
  BodyOf,
  QueryOf,
  ReceptionSettings,
  ReceptionSettingsChange,
  ResponseOf,
  receptionEndpoints,
  Visit,
  VisitCheckIn,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { demandFresh, found, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { lockOwnShift, setReceptionSeen } from "../shifts/index.ts";
import { localDays } from "../trail/index.ts";
import {
  deleteOldVisits,
  insertVisit,
  isDwelling,
  lockReceptionSettings,
  lockVisit,
  selectDwellingsLike,
  selectExpected,
  selectInside,
  selectLeft,
  selectPass,
  selectReceptionSettings,
  selectVisit,
  setCheckedOut,
  updateReceptionSettings,
} from "./reception.store.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ROUTINE = { code: "routine" } as const;

export type ReceptionService = ReturnType<typeof makeReceptionService>;

/** Visitors as the reception sees them: where to, what for, how many; nobody's name. */
export function makeReceptionService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly timeZone: string;
}) {
  const { db, clock, change, timeZone } = dependencies;

  /** Where visitors go tells of residents: only those on duty see it, and that they looked stands once a shift. */
  async function onDuty({ trx, at, record }: ChangeScope, actor: Actor): Promise<void> {
    const shift = await lockOwnShift(trx, actor.staffId);
    if (shift === undefined) throw refusal("conflict", "open your shift first");
    if (shift.receptionSeenAt !== undefined) return;
    await setReceptionSeen(trx, shift.id, at);
    await record({ action: "reception.seen", entity: "shift", entityId: shift.id });
  }

  async function checkOut(author: StaffAuthor, id: string, revision: number, isOut: boolean): Promise<Visit> {
    authorise(author.actor, "reception.keep");
    return change(author, async (scope) => {
      await onDuty(scope, author.actor);
      const { trx, at, record } = scope;
      const before = found(await lockVisit(trx, id, at), "visit");
      if ((before.checkedOutAt !== undefined) === isOut) return before;
      demandFresh(before, revision);
      const out = isOut ? Math.max(at, before.checkedInAt) : undefined;
      await unlessTaken(setCheckedOut(trx, id, out), "this pass is used by another visit meanwhile");
      await record({ action: isOut ? "visit.checked-out" : "visit.resumed", entity: "visit", entityId: id });
      return found(await selectVisit(trx, id, at), "visit");
    });
  }

  return {
    /** Throws `conflict` without an open shift of one's own. */
    async today(actor: Actor): Promise<ResponseOf<typeof receptionEndpoints.today>> {
      authorise(actor, "reception.keep");
      await change({ actor, reason: ROUTINE }, (scope) => onDuty(scope, actor));
      const now = clock.now();
      const [[from, until] = [now, now]] = localDays(timeZone, now, 1);
      const date = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(now);
      const dayNumber = dayNumberOf(parseLocalDate(date));
      return {
        at: now,
        expected: await selectExpected(db, from, until, weekdayOf(dayNumber)),
        inside: await selectInside(db, now),
        left: await selectLeft(db, from, now),
      };
    },

    async dwellings(actor: Actor, { text }: QueryOf<typeof receptionEndpoints.dwellings>) {
      authorise(actor, "reception.keep");
      return { items: await selectDwellingsLike(db, text.trim()) };
    },

    /** Throws `conflict` if the pass's visitors are inside, `invalid-request` for a time or a pass that is not good. */
    async checkIn(author: StaffAuthor, input: VisitCheckIn): Promise<Visit> {
      authorise(author.actor, "reception.keep");
      return change(author, async (scope) => {
        await onDuty(scope, author.actor);
        const { trx, at, record } = scope;
        const passId = input.passId === undefined ? undefined : Buffer.from(input.passId, "hex");
        const pass = passId && (await selectPass(trx, passId));
        if (passId !== undefined && (pass === undefined || pass.dwellingId !== input.dwellingId)) {
          throw refusal("invalid-request", "no such pass for this dwelling, or it was taken back");
        }
        if (!(await isDwelling(trx, input.dwellingId))) throw refusal("invalid-request", "no such dwelling");
        const { usualMinutes } = await selectReceptionSettings(trx);
        const usual = Math.min(pass?.notAfter ?? at + usualMinutes * MINUTE_MS, at + DAY_MS);
        const expectedUntil = input.expectedUntil ?? usual;
        if (expectedUntil < at || expectedUntil > at + DAY_MS) {
          throw refusal("invalid-request", "expected an end within 24 hours from now");
        }
        const id = randomUUID();
        const { dwellingId, purpose, persons } = input;
        await unlessTaken(
          insertVisit(trx, { id, dwellingId, purpose, persons, passId, checkedInAt: at, expectedUntil }),
          "visitors with this pass are inside",
        );
        await record({ action: "visit.checked-in", entity: "visit", entityId: id });
        return found(await selectVisit(trx, id, at), "visit");
      });
    },

    /** Throws `stale-revision`; whoever is out stays out. */
    checkOut: (author: StaffAuthor, id: string, { revision }: BodyOf<typeof receptionEndpoints.checkOut>) =>
      checkOut(author, id, revision, true),

    undoCheckOut: (
      author: StaffAuthor,
      id: string,
      { revision }: BodyOf<typeof receptionEndpoints.undoCheckOut>,
    ) => checkOut(author, id, revision, false),

    async settings(actor: Actor): Promise<ReceptionSettings> {
      authorise(actor, "reception.keep");
      return selectReceptionSettings(db);
    },

    /** Throws `stale-revision`. Each value that changes stands in the evidence log. */
    async changeSettings(author: StaffAuthor, input: ReceptionSettingsChange): Promise<ReceptionSettings> {
      authorise(author.actor, "reception.settings");
      return change(author, async ({ trx, record, leaf }) => {
        const before = await lockReceptionSettings(trx);
        demandFresh(before, input.revision);
        await updateReceptionSettings(trx, input);
        for (const [name, setting] of [
          ["retentionDays", "visit-retention-days"],
          ["usualMinutes", "usual-visit-minutes"],
        ] as const) {
          if (before[name] === input[name]) continue;
          await leaf({
            topic: "settings-changed",
            subject: { kind: "community" },
            statement: { setting, before: before[name], after: input[name] },
            public: true,
          });
        }
        const { revision: _before, ...earlier } = before;
        const { revision: _after, ...later } = input;
        const entity = { entity: "reception-setting", entityId: "reception" };
        await record({ action: "reception-setting.changed", ...entity, before: earlier, after: later });
        return selectReceptionSettings(trx);
      });
    },

    /** Deletes visits whose time is over. */
    async tidy(): Promise<void> {
      const { retentionDays } = await selectReceptionSettings(db);
      await deleteOldVisits(db, clock.now() - retentionDays * DAY_MS);
    },
  };
}
