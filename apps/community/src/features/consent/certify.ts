import type { AlternativeAtDoor, ConsentAct } from "@menshen/evidence";
import type { ChangeScope } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Reader } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { ReceiptKey } from "../../keys/receipt-key.ts";
import type { ConsentListener } from "./changed.ts";
import { type StoredConsent, updateGiven, updateWithdrawn } from "./consents.store.ts";
import { selectEnrolment } from "./enrolment.store.ts";
import { localDateAt, startOfDate } from "./local-day.ts";
import { type StoredNotice, selectNotices } from "./notices.store.ts";
import { signReceipt } from "./receipts.ts";

export interface CertifierDependencies {
  readonly clock: Clock;
  readonly communityId: string;
  readonly communityName: () => Promise<string>;
  readonly timeZone: string;
  readonly publicUrl: () => string;
  readonly receiptKey: () => Promise<ReceiptKey>;
  /** By which ways a person passes which doors. */
  readonly alternatives: (personId: string, at: number) => Promise<readonly AlternativeAtDoor[]>;
  readonly listeners: readonly ConsentListener[];
}

/** What a receipt needs that is read before the change begins: it holds its one connection alone. */
export interface Prepared {
  readonly receiptKey: ReceiptKey;
  readonly communityName: string;
  readonly alternatives: readonly AlternativeAtDoor[];
}

/** Until when a guardian must sign for somebody, as a local date; undefined for adults. */
export async function guardianUntil(
  reader: Reader,
  timeZone: string,
  personId: string,
  at: number,
): Promise<string | undefined> {
  const until = (await selectEnrolment(reader, personId))?.guardianUntil ?? undefined;
  return until !== undefined && until > localDateAt(timeZone, at) ? until : undefined;
}

/** Puts consents in force and ends them: receipt, leaf, record, and whoever acts on it, in one change. */
export function makeCertifier(dependencies: CertifierDependencies) {
  const { clock, communityId, timeZone, listeners } = dependencies;

  async function give(
    scope: ChangeScope,
    consent: StoredConsent,
    shown: StoredNotice,
    by: ConsentAct,
    confirmedBy: string | undefined,
    prepared: Prepared,
  ): Promise<void> {
    const { trx, at } = scope;
    const { recordId, personId } = consent;
    const childUntil = await guardianUntil(trx, timeZone, personId, at);
    // Who turns 14 is asked themselves.
    const until = Math.min(
      shown.notice.endsAt,
      childUntil === undefined ? Number.POSITIVE_INFINITY : startOfDate(timeZone, childUntil),
    );
    const receipt = signReceipt(prepared.receiptKey, shown, {
      recordId,
      event: "given",
      at,
      communityName: prepared.communityName,
      subject: personId,
      guardian: consent.guardianId,
      period: { from: at, until },
      alternatives: prepared.alternatives,
      by,
      publicUrl: dependencies.publicUrl(),
    });
    const { purpose } = shown.notice;
    const leafId = await scope.leaf({
      topic: "consent-given",
      subject: { kind: "person", id: personId },
      statement: { recordId, purpose, noticeSha256: shown.sha256, receiptSha256: receipt.sha256 },
    });
    await updateGiven(trx, recordId, { at, until, receipt: receipt.text, leafId, confirmedBy });
    await scope.record({
      action: "consent.given",
      entity: "consent",
      entityId: recordId,
      after: { purpose, way: by.way, noticeSha256: shown.sha256 },
    });
    for (const listen of listeners) await listen(scope, { what: "given", personId, purpose });
  }

  async function withdraw(
    scope: ChangeScope,
    consent: StoredConsent,
    by: ConsentAct,
    prepared: Prepared,
  ): Promise<void> {
    const { trx, at } = scope;
    const { recordId, personId, givenAt, untilAt } = consent;
    if (consent.withdrawnAt !== null) throw refusal("conflict", "this is withdrawn already");
    const notices = await selectNotices(trx, communityId);
    const shown = found(
      notices.find(({ id }) => id === consent.noticeId),
      "notice",
    );
    const { purpose } = shown.notice;
    if (givenAt === null || untilAt === null) {
      // A paper that nobody confirmed allowed nothing, so there is nothing to certify.
      await updateWithdrawn(trx, recordId, { at });
    } else {
      const receipt = signReceipt(prepared.receiptKey, shown, {
        recordId,
        event: "withdrawn",
        at,
        communityName: prepared.communityName,
        subject: personId,
        guardian: consent.guardianId,
        period: { from: givenAt, until: Math.max(Math.min(at, untilAt), givenAt) },
        alternatives: prepared.alternatives,
        by,
        publicUrl: dependencies.publicUrl(),
      });
      const leafId = await scope.leaf({
        topic: "consent-withdrawn",
        subject: { kind: "person", id: personId },
        statement: { recordId, purpose, receiptSha256: receipt.sha256 },
      });
      await updateWithdrawn(trx, recordId, { at, receipt: receipt.text, leafId });
    }
    await scope.record({
      action: "consent.withdrawn",
      entity: "consent",
      entityId: recordId,
      after: { purpose, way: by.way },
    });
    for (const listen of listeners) await listen(scope, { what: "withdrawn", personId, purpose });
  }

  return {
    give,
    withdraw,
    async prepare(personId: string): Promise<Prepared> {
      return {
        receiptKey: await dependencies.receiptKey(),
        communityName: await dependencies.communityName(),
        alternatives: await dependencies.alternatives(personId, clock.now()),
      };
    },
  };
}
