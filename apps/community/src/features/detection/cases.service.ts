import { randomUUID } from "node:crypto";
import { DEFAULT_SETTINGS } from "@menshen/detection";
import type { BodyOf, CaseCounts, CaseDetail, CaseItem, CaseTap, caseEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { moment } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { calibratedPrior } from "./calibration.ts";
import { appealView, caseItem, measureView, type Priors, similarTo } from "./case-view.ts";
import {
  answerAppeal,
  type CaseRow,
  countOpen,
  endMeasures,
  insertAppeal,
  insertMeasure,
  insertNote,
  lockCase,
  selectAnswers,
  selectAppeals,
  selectCase,
  selectCases,
  selectFindings,
  selectMeasures,
  selectMerged,
  selectNeighbours,
  selectNotes,
  selectTaps,
  tapName,
  updateCase,
} from "./cases.store.ts";
import { halvesOf } from "./halves.ts";
import { selectHold } from "./holds.store.ts";
import { selectSettings } from "./settings.store.ts";

const DAY_MS = 86_400_000;
const SIMILAR_WITHIN_MS = 90 * DAY_MS;
const TAPS_SHOWN = 200;
/** Steps that say nothing about the card any more once a case is closed as a copy: the block stays, and a new card is owed. */
const STAY_FOR_COPY = ["block", "replacement"];
/** Steps that gates carry out. */
const AT_GATES = ["watch", "desk-notice", "second-factor", "block"];

type Decided = BodyOf<typeof caseEndpoints.decide>;
type Closed = BodyOf<typeof caseEndpoints.close>;
type Answered = BodyOf<typeof caseEndpoints.answerAppeal>;

export type CasesService = ReturnType<typeof makeCasesService>;

/** What members of staff do with suspicions. Nobody here learns whose card it is. */
export function makeCasesService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** Gates hear of steps that they carry out. */
  readonly tellGates: () => Promise<void>;
}) {
  const { db, change, tellGates } = dependencies;

  async function priors(reader: Reader): Promise<Priors> {
    const { tuned } = await selectSettings(reader);
    const set = tuned.prior ?? DEFAULT_SETTINGS.prior;
    return { set, calibrated: calibratedPrior(set, learnable(await selectFindings(reader))) };
  }

  async function detail(reader: Reader, id: string): Promise<CaseDetail> {
    const row = found(await selectCase(reader, id), "case");
    const [measures, answers, appeals, notes, taps, neighbours, merged] = [
      await selectMeasures(reader, [id]),
      await selectAnswers(reader, [id]),
      await selectAppeals(reader, [id]),
      await selectNotes(reader, id),
      await selectTaps(reader, row, TAPS_SHOWN),
      await selectNeighbours(reader, row, SIMILAR_WITHIN_MS),
      await selectMerged(reader, id),
    ];
    const conflicts = new Set(
      row.signs.flatMap(({ gate, sequence }) =>
        sequence === undefined ? [] : [tapName({ gateId: gate, sequence })],
      ),
    );
    const halves = halvesOf(taps, conflicts);
    return {
      ...caseItem(row, { measures, answers, appeals, priors: await priors(reader) }),
      signs: row.signs.map(({ rule, weight, at, gate, accessPoint, sequence, inputs }) => ({
        rule,
        weight,
        at,
        gateId: gate,
        accessPointId: accessPoint,
        ...(sequence === undefined ? {} : { sequence }),
        inputs: { ...inputs },
      })),
      taps: taps.map((tap): CaseTap => ({ ...tap, ...optional("half", halves.get(tap)) })),
      history: notes.map(({ at, what, step, by, reason }) => ({
        at,
        what,
        ...optional("step", step),
        ...optional("by", by),
        ...optional("reason", reason),
      })),
      decided: measures.map(measureView),
      appeals: appeals.map(appealView),
      ...optional("callPersonId", answers[0]?.person_id),
      ...optional("holdId", row.hold_id),
      similar: similarTo(row, neighbours),
      merged: [...merged],
      ...optional("incidentId", row.incident_id),
      ...optional("forgottenAt", row.forgotten_at),
    };
  }

  /** Changes one case, notes it, and answers what stands then. */
  async function act(
    author: StaffAuthor,
    id: string,
    what: string,
    work: (scope: ChangeScope, row: CaseRow) => Promise<{ readonly step?: string; readonly reason?: string }>,
    beside?: string,
  ): Promise<CaseDetail> {
    authorise(author.actor, "cases.handle");
    return change(author, async (scope) => {
      const row = found(await lockCase(scope.trx, id, beside), "case");
      const { step, reason } = await work(scope, row);
      const { staffId } = author.actor;
      await insertNote(scope.trx, {
        caseId: id,
        at: scope.at,
        what,
        staffId,
        ...optional("step", step),
        ...optional("reason", reason),
      });
      await scope.record({
        action: `case.${what}`,
        entity: "case",
        entityId: id,
        after: { ...optional("step", step), ...optional("words", reason) },
      });
      return detail(scope.trx, id);
    });
  }

  function demandOpen(row: CaseRow): void {
    if (row.closed_at !== null) throw refusal("conflict", "this case is closed: open it again first");
  }

  return {
    async list(actor: Actor, state: "open" | "closed"): Promise<CaseItem[]> {
      authorise(actor, "cases.read");
      const rows = await selectCases(db, state);
      const ids = rows.map(({ id }) => id);
      const beside = {
        measures: await selectMeasures(db, ids),
        answers: await selectAnswers(db, ids),
        appeals: await selectAppeals(db, ids),
        priors: await priors(db),
      };
      return rows.map((row) => caseItem(row, beside));
    },

    async read(actor: Actor, id: string): Promise<CaseDetail> {
      authorise(actor, "cases.read");
      return detail(db, id);
    },

    assign: (author: StaffAuthor, id: string, take: boolean) =>
      act(author, id, take ? "assigned" : "released", async ({ trx }, row) => {
        demandOpen(row);
        await updateCase(trx, id, { assigned_to: take ? author.actor.staffId : null });
        return {};
      }),

    /** Throws `conflict` for a case that was put elsewhere itself. */
    merge: (author: StaffAuthor, id: string, into: string) =>
      act(
        author,
        id,
        into === id ? "taken-out" : "merged",
        async ({ trx }, row) => {
          demandOpen(row);
          if (into !== id) {
            const target = found(await selectCase(trx, into), "case");
            if (target.merged_into === id)
              throw refusal("conflict", "the other case was put to this one meanwhile");
            const isChain = target.merged_into !== null || (await selectMerged(trx, id)).length > 0;
            if (isChain) throw refusal("conflict", "put both to the case that the others were put to");
          }
          await updateCase(trx, id, { merged_into: into === id ? null : into });
          return {};
        },
        into,
      ),

    async close(author: StaffAuthor, id: string, { finding, reason }: Closed): Promise<CaseDetail> {
      const closed = await act(author, id, "closed", async ({ trx, at }, row) => {
        demandOpen(row);
        await updateCase(trx, id, { closed_at: moment(at), closed_by: author.actor.staffId, finding });
        const except = finding === "copy" ? STAY_FOR_COPY : finding === "own-copy" ? ["replacement"] : [];
        await endMeasures(trx, id, { except }, { at, staffId: author.actor.staffId, reason });
        return { step: finding, reason };
      });
      await tellGates();
      return closed;
    },

    reopen: (author: StaffAuthor, id: string, reason: string) =>
      act(author, id, "reopened", async ({ trx }, row) => {
        if (row.closed_at === null) throw refusal("conflict", "this case is open");
        if (row.forgotten_at !== null)
          throw refusal("conflict", "the records of this case were deleted with their epoch");
        await updateCase(trx, id, { closed_at: null, closed_by: null, finding: null });
        return { reason };
      }),

    /** Throws `conflict` for a step that is in force. INVARIANT: nothing else takes a step; the engine proposes. */
    async decide(author: StaffAuthor, id: string, { measure, reason }: Decided): Promise<CaseDetail> {
      const decided = await act(author, id, "measure-taken", async ({ trx, at }, row) => {
        demandOpen(row);
        const { staffId } = author.actor;
        const isNew = await insertMeasure(trx, {
          id: randomUUID(),
          caseId: id,
          measure,
          at,
          staffId,
          reason: reason.trim(),
        });
        if (!isNew) throw refusal("conflict", "this step is in force already");
        return { step: measure, reason: reason.trim() };
      });
      if (AT_GATES.includes(measure)) await tellGates();
      return decided;
    },

    async end(author: StaffAuthor, id: string, measureId: string, reason: string): Promise<CaseDetail> {
      const ended = await act(author, id, "measure-ended", async ({ trx, at }) => {
        const end = { at, staffId: author.actor.staffId, reason: reason.trim() };
        const [measure] = await endMeasures(trx, id, { id: measureId }, end);
        if (measure === undefined) throw refusal("conflict", "no such step is in force");
        return { step: measure, reason: end.reason };
      });
      await tellGates();
      return ended;
    },

    /** Throws `conflict` unless the request is a hold in force. */
    hold: (author: StaffAuthor, id: string, openingId: string) =>
      act(author, id, "held", async ({ trx, at }) => {
        const hold = found(await selectHold(trx, openingId), "request");
        const isOver = hold.endedAt !== undefined || hold.isRefused;
        if (hold.holdUntil === undefined || hold.holdUntil <= at || isOver) {
          throw refusal("conflict", "this request is not a hold that is in force");
        }
        await updateCase(trx, id, { hold_id: openingId });
        return {};
      }),

    enterAppeal: (author: StaffAuthor, id: string, words: string) =>
      act(author, id, "appealed", async ({ trx, at }) => {
        const { staffId } = author.actor;
        await insertAppeal(trx, { id: randomUUID(), caseId: id, words: words.trim(), at, staffId });
        return {};
      }),

    async answerAppeal(
      author: StaffAuthor,
      id: string,
      appealId: string,
      { outcome, reason }: Answered,
    ): Promise<CaseDetail> {
      const answered = await act(author, id, "appeal-answered", async ({ trx, at }) => {
        const { staffId } = author.actor;
        const answer = { outcome, reason: reason.trim(), staffId, at };
        const isFirst = await answerAppeal(trx, { id: appealId, caseId: id }, answer);
        if (!isFirst) throw refusal("conflict", "no such appeal waits for an answer");
        if (outcome === "upheld")
          await endMeasures(trx, id, { except: ["replacement"] }, { at, staffId, reason: answer.reason });
        return { step: outcome, reason: answer.reason };
      });
      if (outcome === "upheld") await tellGates();
      return answered;
    },

    async counts(actor: Actor): Promise<CaseCounts> {
      authorise(actor, "cases.read");
      const findings = await selectFindings(db);
      const count = (finding: string) => findings.filter((one) => one.finding === finding).length;
      const own = findings.filter(({ finding }) => finding === "own-copy").map(({ id }) => id);
      const exchanged = (await selectMeasures(db, own)).filter(({ measure }) => measure === "replacement");
      const { set, calibrated } = await priors(db);
      return {
        open: await countOpen(db),
        copies: count("copy"),
        ownCopies: own.length,
        noCopies: count("no-copy"),
        undecided: count("undecided"),
        exchanged: new Set(exchanged.map(({ case_id }) => case_id)).size,
        automaticBlocks: 0,
        prior: set,
        calibratedPrior: calibrated,
      };
    },
  };
}

/** Families' own copies are real, and nobody's hostility: they teach nothing about how many others there are. */
function learnable(rows: Awaited<ReturnType<typeof selectFindings>>) {
  return rows.flatMap(({ finding, probability }) =>
    finding === "copy" || finding === "no-copy" ? [{ probability, isCopy: finding === "copy" }] : [],
  );
}
