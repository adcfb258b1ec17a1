import { createHash, randomUUID } from "node:crypto";
import {
  type BodyOf,
  type CaseStep,
  caseMarkText,
  type OwnTap,
  type PublishedCase,
  type residentCaseEndpoints,
} from "@menshen/wire";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { measureView } from "./case-view.ts";
import {
  type CaseRow,
  insertAnswer,
  insertAppeal,
  insertNote,
  lockCase,
  selectAnswers,
  selectCases,
  selectMeasures,
  selectTaps,
} from "./cases.store.ts";
import { insertEnd, selectCardOfTap } from "./ends.store.ts";
import { selectSettings } from "./settings.store.ts";

const MARK_BYTES = 16;
/** Enough that a program which reads its trail since yesterday finds one. */
const MARKED_TAPS = 64;
/** Asking harms nobody: at this step, and above it, residents' programs hear of a case by themselves. */
const TOLD_STEPS: readonly CaseStep[] = ["ask", "second-factor", "replace", "refuse-by-person"];
const BY_RESIDENT = { actor: undefined, reason: { code: "resident-request" } } as const;

export type ResidentCasesService = ReturnType<typeof makeResidentCasesService>;

/**
 * "Was this you?" Every resident's program gets the same list. A mark is a digest over the moment of a tap to the
 * millisecond, which only the holder's own trail has: so a program knows its own card's case, and shows by such a tap that an
 * answer is the holder's.
 */
export function makeResidentCasesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  /** What stands is judged by something else now. */
  readonly judgeSoon: () => void;
}) {
  const { db, clock, change, judgeSoon } = dependencies;

  async function tapsOf(reader: Reader, row: CaseRow): Promise<OwnTap[]> {
    const taps = await selectTaps(reader, row, MARKED_TAPS);
    return taps.map(({ accessPointId, sequence, at }) => ({ accessPointId, sequence, at }));
  }

  /** Throws `not-found` alike for a case that is none and for a tap that is not of its card: nothing is to be learnt. */
  async function ownCase(reader: Reader, row: CaseRow | undefined, tap: OwnTap): Promise<CaseRow> {
    const own = found(row, "case of your card");
    const claimed = caseMarkText(own.id, tap);
    const isOwn = (await tapsOf(reader, own)).some((one) => caseMarkText(own.id, one) === claimed);
    return found(isOwn ? own : undefined, "case of your card");
  }

  return {
    async list(): Promise<{ items: PublishedCase[]; amnestyUntil?: number }> {
      const rows = [...(await selectCases(db, "open")), ...(await selectCases(db, "closed"))];
      const ids = rows.map(({ id }) => id);
      const measures = (await selectMeasures(db, ids)).filter(({ ended_at }) => ended_at === null);
      const answered = new Set((await selectAnswers(db, ids)).map(({ case_id }) => case_id));
      const items: PublishedCase[] = [];
      for (const row of rows) {
        const inForce = measures.filter(({ case_id }) => case_id === row.id).map(measureView);
        const isTold =
          row.closed_at === null && row.explained_at === null && TOLD_STEPS.some((step) => step === row.step);
        if (row.credential === null || (!isTold && inForce.length === 0)) continue;
        items.push({
          id: row.id,
          at: row.reached_at,
          kind: row.kind,
          marks: (await tapsOf(db, row)).map((tap) => caseMark(row.id, tap)).toSorted(),
          measures: inForce.map(({ measure, reason, takenAt }) => ({ measure, reason, since: takenAt })),
          isAnswered: answered.has(row.id),
          isClosed: row.closed_at !== null,
        });
      }
      const { amnestyUntil } = await selectSettings(db);
      const isOn = amnestyUntil !== undefined && amnestyUntil > clock.now();
      return { items, ...(isOn ? { amnestyUntil } : {}) };
    },

    /** Throws `conflict` for a second answer. Nobody is named unless they ask to be called. */
    async answer(
      resident: SignedInResident,
      id: string,
      { tap, answer, callMe }: BodyOf<typeof residentCaseEndpoints.answer>,
    ): Promise<void> {
      await change(BY_RESIDENT, async ({ trx, at, record }) => {
        await ownCase(trx, await lockCase(trx, id), tap);
        const personId = callMe ? resident.personId : undefined;
        const isFirst = await insertAnswer(trx, {
          caseId: id,
          answer,
          at,
          ...optional("personId", personId),
        });
        if (!isFirst) throw refusal("conflict", "this question was answered already");
        await insertNote(trx, { caseId: id, at, what: "answered", step: answer });
        await record({ action: "case.answered", entity: "case", entityId: id, after: { answer } });
      });
    },

    /**
     * The card of one's own tap was lost: uses behind now are told, wherever a gate had not heard of it. Throws `not-found` for
     * what is no such tap. Who said it is written down nowhere.
     */
    async reportLost(tap: OwnTap): Promise<void> {
      await change(BY_RESIDENT, async ({ trx, at, record }) => {
        const card = found(await selectCardOfTap(trx, tap), "tap of your card");
        await insertEnd(trx, card, at);
        await record({ action: "card.end-reported", entity: "detection", entityId: "ends" });
      });
      judgeSoon();
    },

    async appeal(id: string, { tap, words }: BodyOf<typeof residentCaseEndpoints.appeal>): Promise<void> {
      await change(BY_RESIDENT, async ({ trx, at, record }) => {
        await ownCase(trx, await lockCase(trx, id), tap);
        await insertAppeal(trx, { id: randomUUID(), caseId: id, words: words.trim(), at });
        await insertNote(trx, { caseId: id, at, what: "appealed" });
        await record({ action: "case.appealed", entity: "case", entityId: id });
      });
    },
  };
}

function caseMark(caseId: string, tap: OwnTap): string {
  return createHash("sha256")
    .update(caseMarkText(caseId, tap))
    .digest()
    .subarray(0, MARK_BYTES)
    .toString("hex");
}
