import { toHex } from "@menshen/crypto/node";
import type { BodyOf, Opening, OpeningSettings, openingEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type AnswersService, SYSTEM } from "./answers.service.ts";
import { endHold, selectHoldsOver } from "./holds.store.ts";
import type { IntakeService } from "./intake.service.ts";
import { concernedContext, decodeConcerned } from "./opened-result.ts";
import {
  disclose,
  endOpening,
  extendedBy,
  lockOpening,
  markLate,
  markReminded,
  markReviewed,
  type OpeningCustodianRow,
  type OpeningRow,
  selectCustodians,
  selectDocuments,
  selectRequested,
  selectReviewsOverdue,
  selectSealMaxDays,
  selectSealsOver,
  updateSeal,
  updateSealMaxDays,
} from "./opening.store.ts";
import { statementOf } from "./opening-view.ts";

const DAY_MS = 86_400_000;
/** Of the time from the request to its deadline. */
const REMINDER_AT = 0.5;
const LATE_AT = 0.9;

export type SealService = ReturnType<typeof makeSealService>;

/** What time does to requests: reminders, lateness, expiry, review, and that everybody learns of them in the end. */
export function makeSealService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly intake: Pick<IntakeService, "read">;
  readonly answers: Pick<AnswersService, "completeEmpty" | "completeHold">;
}) {
  const { db, clock, change, storageKey, intake, answers } = dependencies;

  async function remind(row: OpeningRow): Promise<void> {
    const now = clock.now();
    const passed = (now - row.requested_at) / (row.deadline - row.requested_at);
    if (passed < REMINDER_AT || now >= row.deadline) return;
    const waiting = (await selectCustodians(db, [row.id])).filter((one) => isWaitedFor(row, one));
    for (const one of waiting) {
      if (one.reminded_at === null) await change(SYSTEM, ({ trx, at }) => markReminded(trx, one, at));
      if (passed < LATE_AT || one.late_at !== null) continue;
      await change(SYSTEM, async ({ trx, at, leaf }) => {
        await markLate(trx, one, at);
        await leaf({
          topic: "opening-late",
          subject: { kind: "community" },
          statement: { path: row.path, body: one.body },
          public: true,
        });
      });
    }
  }

  async function expire(expiring: OpeningRow): Promise<void> {
    const { id, path } = expiring;
    if (expiring.hold_until !== null && (await answers.completeHold(expiring, true)) !== "requested") return;
    await change(SYSTEM, async ({ trx, at, leaf }) => {
      const row = await lockOpening(trx, id);
      if (row?.state !== "requested" || at < row.deadline) return;
      await endOpening(trx, id, { state: "expired", at, openedCount: 0 });
      await leaf({
        topic: "opening-expired",
        subject: { kind: "community" },
        statement: { path },
        public: true,
      });
    });
  }

  /** At its end date nothing of a hold is left here; what a copy kept dies with the epoch that it was sealed to. */
  async function release({ id }: OpeningRow): Promise<void> {
    await change(SYSTEM, async ({ trx, at, leaf }) => {
      const row = await lockOpening(trx, id);
      if (row === undefined || row.hold_ended_at !== null) return;
      await endHold(trx, id, at);
      await leaf({
        topic: "hold-ended",
        subject: { kind: "community" },
        statement: { holdUntil: row.hold_until ?? at },
        public: true,
      });
    });
  }

  /** The request itself becomes public with what opens its leaf, and each person concerned is told. */
  async function publish({ id }: OpeningRow): Promise<void> {
    await change(SYSTEM, async ({ trx, at, leaf }) => {
      const row = await lockOpening(trx, id);
      if (row === undefined || row.disclosed_at !== null || at < row.seal_until) return;
      const concerned =
        row.concerned === null ? [] : decodeConcerned(storageKey.open(row.concerned, concernedContext(id)));
      const [requested] = await openStatements(trx, storageKey, [row.leaf_id]);
      await leaf({
        topic: "opening-disclosed",
        subject: { kind: "community" },
        statement: {
          requestId: id,
          requested: row.statement,
          ...(requested?.salt === undefined ? {} : { salt: toHex(requested.salt) }),
          ...(requested?.index === undefined ? {} : { leafIndex: requested.index }),
        },
        public: true,
      });
      await disclose(trx, id, concerned, at);
    });
  }

  return {
    /** Does what is due. Run every minute; running it twice does nothing twice. */
    async tick(): Promise<void> {
      await answers.completeEmpty();
      for (const row of await selectRequested(db)) {
        if (clock.now() >= row.deadline) await expire(row);
        else await remind(row);
      }
      for (const row of await selectSealsOver(db, clock.now())) await publish(row);
      for (const row of await selectHoldsOver(db, clock.now())) await release(row);
    },

    /** Emergencies whose review is overdue, the oldest first: an alarm until they are reviewed. */
    async reviewsOverdue(): Promise<readonly { readonly id: string; readonly dueAt: number }[]> {
      const rows = await selectReviewsOverdue(db, clock.now());
      return rows.map(({ id, review_due_at: dueAt }) => ({ id, dueAt: dueAt ?? 0 }));
    },

    async review(
      author: StaffAuthor,
      id: string,
      { outcome, documentNumber, documentSha256 }: BodyOf<typeof openingEndpoints.review>,
    ): Promise<Opening> {
      authorise(author.actor, "openings.review");
      demandReason(author.reason);
      await change(author, async ({ trx, at, record, leaf }) => {
        const row = found(await lockOpening(trx, id), "request");
        if (row.review_due_at === null) throw refusal("conflict", "only emergencies are reviewed");
        if (row.reviewed_at !== null) throw refusal("conflict", "this emergency was reviewed already");
        const statement = statementOf(row);
        const papers = {
          number: statement.documentNumber ?? documentNumber,
          sha256: statement.documentSha256 ?? documentSha256,
        };
        if (outcome === "justified") {
          if (papers.number === undefined || papers.sha256 === undefined) {
            throw refusal("conflict", "an emergency is justified with its document, which is missing");
          }
          await demandDocument(papers.sha256);
        }
        await markReviewed(trx, id, outcome, at);
        await leaf({
          topic: "opening-reviewed",
          subject: { kind: "community" },
          statement: { outcome, late: at > row.review_due_at },
          public: true,
        });
        await record({
          action: "opening.reviewed",
          entity: "opening",
          entityId: id,
          after: { outcome, ...papers },
        });
      });
      return intake.read(author.actor, id);
    },

    /** Only by a new document, and never beyond the community's limit from now. */
    async extend(
      author: StaffAuthor,
      id: string,
      { sealUntil, documentSha256 }: BodyOf<typeof openingEndpoints.extendSeal>,
    ): Promise<Opening> {
      authorise(author.actor, "openings.write");
      await demandDocument(documentSha256);
      const maxMs = (await selectSealMaxDays(db)) * DAY_MS;
      await change(author, async ({ trx, at, record, leaf }) => {
        const row = found(await lockOpening(trx, id), "request");
        if (row.disclosed_at !== null) throw refusal("conflict", "the seal has ended");
        const { documentSha256: first, extension } = statementOf(row);
        if ([first, extension?.documentSha256].includes(documentSha256)) {
          throw refusal("conflict", "a seal is extended by a new document only");
        }
        if (sealUntil <= row.seal_until) throw refusal("conflict", "an extension ends later than the seal");
        if (sealUntil - at > maxMs) {
          throw refusal("conflict", "the persons concerned would be told later than the community allows");
        }
        if (await extendedBy(trx, documentSha256)) {
          throw refusal("conflict", "this document extended a seal before");
        }
        await updateSeal(trx, id, sealUntil);
        await leaf({
          topic: "opening-seal-extended",
          subject: { kind: "opening", id },
          statement: { requestId: id, sealUntil, documentSha256 },
        });
        await record({
          action: "opening.seal-extended",
          entity: "opening",
          entityId: id,
          before: { sealUntil: row.seal_until },
          after: { sealUntil, documentSha256 },
        });
      });
      return intake.read(author.actor, id);
    },

    async settings(actor: Actor): Promise<OpeningSettings> {
      if (!actor.permissions.has("openings.settings")) authorise(actor, "openings.read");
      return { sealMaxDays: await selectSealMaxDays(db) };
    },

    /** Holds for requests and extensions from now on. */
    async changeSettings(author: StaffAuthor, { sealMaxDays }: OpeningSettings): Promise<OpeningSettings> {
      authorise(author.actor, "openings.settings");
      demandReason(author.reason);
      await change(author, async ({ trx, record, leaf }) => {
        const before = await selectSealMaxDays(trx);
        if (before === sealMaxDays) return;
        await updateSealMaxDays(trx, sealMaxDays);
        await leaf({
          topic: "settings-changed",
          subject: { kind: "community" },
          statement: { setting: "opening-seal-max-days", before, after: sealMaxDays },
          public: true,
        });
        await record({
          action: "opening-setting.changed",
          entity: "opening-setting",
          entityId: "seal",
          before: { sealMaxDays: before },
          after: { sealMaxDays },
        });
      });
      return { sealMaxDays };
    },
  };

  async function demandDocument(digest: string): Promise<void> {
    if (!(await selectDocuments(db, [digest])).has(digest)) {
      throw refusal("conflict", "this document was not handed in here: add its scan first");
    }
  }
}

/** In an emergency only those on call are waited for. */
function isWaitedFor(row: OpeningRow, custodian: OpeningCustodianRow): boolean {
  return (
    custodian.refused === null &&
    (custodian.answered_count === 0 || custodian.asked_again_at !== null) &&
    (row.path !== "emergency" || custodian.on_call)
  );
}
