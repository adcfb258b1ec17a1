import { randomUUID } from "node:crypto";
import { toHex } from "@menshen/crypto/node";
import { type ConsentPurpose, consentTexts } from "@menshen/domain";
import type { ConsentAct } from "@menshen/evidence";
import type {
  BodyOf,
  ConsentRecord,
  consentDeskEndpoints,
  residentConsentEndpoints,
  WaitingPaper,
  Ward,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { SignedInResident } from "../../authority/signed-in-resident.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import { found, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { openStatements } from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import { isSignedBy, keyRefused, lockAccount } from "../resident/index.ts";
import { type CertifierDependencies, guardianUntil, makeCertifier } from "./certify.ts";
import { recordView, stateOf } from "./consent-view.ts";
import {
  insertConsent,
  lockPerson,
  selectConsent,
  selectConsents,
  selectWaiting,
  selectWards,
} from "./consents.store.ts";
import { localDateAt } from "./local-day.ts";
import { currentOf } from "./notices.service.ts";
import { type StoredNotice, selectNotices } from "./notices.store.ts";

const ASKED = { actor: undefined, reason: { code: "resident-request" } } as const;

export interface ConsentDependencies extends CertifierDependencies {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
}

/** A consent that allows something now. */
export interface ConsentInForce {
  readonly recordId: string;
  readonly noticeSha256: string;
  readonly processor: string;
  /** Unix milliseconds. */
  readonly givenAt: number;
  /** Exclusive. */
  readonly until: number;
}

export type ConsentsService = ReturnType<typeof makeConsentsService>;

/** Who agreed to what: asked one purpose at a time, withdrawn at once, and shown by signed receipts. */
export function makeConsentsService(dependencies: ConsentDependencies) {
  const { db, clock, change, storageKey, communityId, timeZone } = dependencies;
  const certifier = makeCertifier(dependencies);

  /** The notice that asks now, by its hash. Throws `stale-revision` for an older one, `not-found` for none. */
  async function asking(reader: Reader, noticeSha256: string, purpose: ConsentPurpose, at: number) {
    const notices = await selectNotices(reader, communityId);
    const shown = found(
      notices.find((one) => one.sha256 === noticeSha256 && one.notice.purpose === purpose),
      "notice for this purpose",
    );
    if (currentOf(shown, notices) !== shown || shown.notice.endsAt <= at) {
      throw refusal("stale-revision", "this notice asks no more: read the present one first");
    }
    return { shown, notices };
  }

  /** Throws `conflict` where the same was agreed to already and still holds. */
  async function demandNone(
    reader: Reader,
    personId: string,
    { shown, notices }: { readonly shown: StoredNotice; readonly notices: readonly StoredNotice[] },
    at: number,
  ): Promise<void> {
    const own = await selectConsents(reader, personId);
    const standing = own.some((one) => {
      const notice = notices.find(({ id }) => id === one.noticeId);
      const state = stateOf(one, own, notices, at);
      return (
        notice?.notice.seriesId === shown.notice.seriesId && (state === "in-force" || state === "waiting")
      );
    });
    if (standing) throw refusal("conflict", "this is agreed to already");
  }

  /** Throws `second-person-needed` unless an adult of the same home signs for a child, and nobody for an adult. */
  async function demandGuardian(
    reader: Reader,
    personId: string,
    guardianId: string | undefined,
    at: number,
  ): Promise<void> {
    const until = await guardianUntil(reader, timeZone, personId, at);
    if (until === undefined && guardianId === undefined) return;
    if (until === undefined) throw refusal("conflict", "adults sign for themselves");
    const wards =
      guardianId === undefined ? [] : await selectWards(reader, guardianId, at, localDateAt(timeZone, at));
    if (!wards.some(({ id }) => id === personId)) {
      throw refusal("second-person-needed", "under 14 an adult of the same home signs (PIPL 31)");
    }
  }

  async function view(reader: Reader, recordId: string): Promise<ConsentRecord> {
    const consent = found(await selectConsent(reader, recordId), "consent");
    const records = await recordsOf(reader, consent.personId);
    return found(
      records.find((one) => one.recordId === recordId),
      "consent",
    );
  }

  async function recordsOf(reader: Reader, personId: string): Promise<readonly ConsentRecord[]> {
    const own = await selectConsents(reader, personId);
    if (own.length === 0) return [];
    const notices = await selectNotices(reader, communityId);
    const leafIds = own.flatMap(({ leafId, withdrawalLeafId }) =>
      [leafId ?? [], withdrawalLeafId ?? []].flat(),
    );
    const opened = new Map(
      (await openStatements(reader, storageKey, leafIds)).map((one) => [one.leafId, one]),
    );
    const now = clock.now();
    return own.flatMap((one) => {
      const notice = notices.find(({ id }) => id === one.noticeId);
      return notice === undefined ? [] : [recordView(one, notice, stateOf(one, own, notices, now), opened)];
    });
  }

  /** The key that signed for somebody, once it is seen to be theirs. */
  async function ownAct(trx: Trx, signerId: string, text: string, signature: string): Promise<ConsentAct> {
    const account = await lockAccount(trx, signerId);
    const key = account === undefined ? "" : toHex(account.authKey);
    if (account === undefined || !isSignedBy(key, text, signature)) throw keyRefused();
    return { way: "own-key", key, signature };
  }

  return {
    records: (personId: string): Promise<readonly ConsentRecord[]> => recordsOf(db, personId),

    /** Whose guardian a resident is now, with what was agreed to for them. */
    async wards(personId: string): Promise<readonly Ward[]> {
      const now = clock.now();
      const children = await selectWards(db, personId, now, localDateAt(timeZone, now));
      return Promise.all(
        children.map(async ({ id, display_name }) => ({
          personId: id,
          displayName: display_name,
          records: [...(await recordsOf(db, id))],
        })),
      );
    },

    guardianUntil: (personId: string) => guardianUntil(db, timeZone, personId, clock.now()),

    /**
     * What somebody agrees to now for a purpose, undefined if to nothing: absence means no. Also within a transaction.
     *
     * @param wanted.processor only a consent to this processor counts
     */
    async inForce(
      personId: string,
      purpose: ConsentPurpose,
      wanted: { readonly processor?: string; readonly reader?: Reader } = {},
    ): Promise<ConsentInForce | undefined> {
      const reader = wanted.reader ?? db;
      const own = await selectConsents(reader, personId);
      if (own.length === 0) return undefined;
      const notices = await selectNotices(reader, communityId);
      const now = clock.now();
      for (const one of own) {
        const stored = notices.find(({ id }) => id === one.noticeId);
        if (stored === undefined || one.untilAt === null || stored.notice.purpose !== purpose) continue;
        if (one.givenAt === null) continue;
        const { processor } = stored.notice;
        if (wanted.processor !== undefined && processor.name !== wanted.processor) continue;
        if (stateOf(one, own, notices, now) !== "in-force") continue;
        const { recordId, givenAt, untilAt: until } = one;
        return { recordId, noticeSha256: stored.sha256, processor: processor.name, givenAt, until };
      }
      return undefined;
    },

    /**
     * Throws `stale-revision` for a notice that asks no more, `key-refused`, `second-person-needed` where a guardian must
     * sign, `not-found` for who is no child of one's home, `conflict` for what is agreed to already.
     */
    async give(
      resident: SignedInResident,
      input: BodyOf<typeof residentConsentEndpoints.give>,
    ): Promise<ConsentRecord> {
      const { recordId, purpose, noticeSha256, childId, signature } = input;
      const personId = childId ?? resident.personId;
      const prepared = await certifier.prepare(personId);
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        if (!(await lockPerson(trx, personId))) throw refusal("not-found", "no child of your home");
        const guardianId = childId === undefined ? undefined : resident.personId;
        const wards = await selectWards(trx, resident.personId, at, localDateAt(timeZone, at));
        // One answer for everybody who is no child of this home: whether somebody is one is nobody's business.
        if (childId !== undefined && !wards.some(({ id }) => id === childId)) {
          throw refusal("not-found", "no child of your home");
        }
        await demandGuardian(trx, personId, guardianId, at);
        const asked = await asking(trx, noticeSha256, purpose, at);
        const text = consentTexts.give(communityId, { recordId, subject: personId, purpose, noticeSha256 });
        const by = await ownAct(trx, resident.personId, text, signature);
        await demandNone(trx, personId, asked, at);
        const row = { recordId, personId, noticeId: asked.shown.id, way: "own-key" as const, guardianId, at };
        await unlessTaken(insertConsent(trx, { ...row, enteredBy: undefined }), "this was sent before");
        const consent = found(await selectConsent(trx, recordId), "consent");
        await certifier.give(scope, consent, asked.shown, by, undefined, prepared);
        return view(trx, recordId);
      });
    },

    /** Of one's own, or of a child's by its guardian. Throws `not-found`, `key-refused`, `conflict`. */
    async withdraw(
      { personId }: SignedInResident,
      recordId: string,
      signature: string,
    ): Promise<ConsentRecord> {
      const consent = found(await selectConsent(db, recordId), "consent");
      const prepared = await certifier.prepare(consent.personId);
      return change(ASKED, async (scope) => {
        const { trx, at } = scope;
        const wards = await selectWards(trx, personId, at, localDateAt(timeZone, at));
        if (consent.personId !== personId && !wards.some(({ id }) => id === consent.personId)) {
          throw refusal("not-found", "no such consent");
        }
        await lockPerson(trx, consent.personId);
        const text = consentTexts.withdraw(communityId, recordId);
        const by = await ownAct(trx, personId, text, signature);
        await certifier.withdraw(scope, found(await selectConsent(trx, recordId), "consent"), by, prepared);
        return view(trx, recordId);
      });
    },

    async list(actor: Actor, personId: string): Promise<readonly ConsentRecord[]> {
      authorise(actor, "consents.keep");
      return recordsOf(db, personId);
    },

    /** With the refusals of giving, but for the key: the signature is on the paper. */
    async enterPaper(
      author: StaffAuthor,
      personId: string,
      input: BodyOf<typeof consentDeskEndpoints.enterPaper>,
    ): Promise<ConsentRecord> {
      authorise(author.actor, "consents.keep");
      return change(author, async ({ trx, at, record }) => {
        if (!(await lockPerson(trx, personId))) throw refusal("not-found", "no such person");
        await demandGuardian(trx, personId, input.guardianId, at);
        const asked = await asking(trx, input.noticeSha256, input.purpose, at);
        await demandNone(trx, personId, asked, at);
        const recordId = randomUUID();
        await insertConsent(trx, {
          recordId,
          personId,
          noticeId: asked.shown.id,
          way: "paper",
          guardianId: input.guardianId,
          at,
          enteredBy: author.actor.staffId,
        });
        await record({
          action: "consent.entered",
          entity: "consent",
          entityId: recordId,
          after: { purpose: input.purpose, noticeSha256: input.noticeSha256 },
        });
        return view(trx, recordId);
      });
    },

    async waiting(actor: Actor): Promise<readonly WaitingPaper[]> {
      authorise(actor, "consents.keep");
      const notices = await selectNotices(db, communityId);
      return (await selectWaiting(db)).flatMap(({ recordId, personId, displayName, noticeId, ...one }) => {
        const stored = notices.find(({ id }) => id === noticeId);
        if (stored === undefined) return [];
        const { purpose, processor } = stored.notice;
        const { enteredAt } = one;
        const own = one.enteredBy === actor.staffId;
        const noticeSha256 = stored.sha256;
        return [
          {
            recordId,
            personId,
            displayName,
            purpose,
            processor: processor.name,
            noticeSha256,
            enteredAt,
            own,
          },
        ];
      });
    },

    /** Throws `second-person-needed` for whoever entered it, `stale-revision` if the notice changed meanwhile. */
    async confirm(author: StaffAuthor, recordId: string): Promise<ConsentRecord> {
      authorise(author.actor, "consents.keep");
      const { personId } = found(await selectConsent(db, recordId), "consent");
      const prepared = await certifier.prepare(personId);
      return change(author, async (scope) => {
        const { trx, at } = scope;
        await lockPerson(trx, personId);
        const consent = found(await selectConsent(trx, recordId), "consent");
        const { enteredBy } = consent;
        if (enteredBy === null || consent.givenAt !== null || consent.withdrawnAt !== null) {
          throw refusal("conflict", "nothing waits to be confirmed here");
        }
        const { staffId } = author.actor;
        if (enteredBy === staffId) {
          throw refusal("second-person-needed", "somebody else must compare the paper with what you entered");
        }
        const stored = (await selectNotices(trx, communityId)).find(({ id }) => id === consent.noticeId);
        const { sha256, notice } = found(stored, "notice");
        const { shown } = await asking(trx, sha256, notice.purpose, at);
        await demandGuardian(trx, personId, consent.guardianId ?? undefined, at);
        const by = { way: "paper", enteredBy, confirmedBy: staffId } as const;
        await certifier.give(scope, consent, shown, by, staffId, prepared);
        return view(trx, recordId);
      });
    },

    /** At once and by one alone: to stop is no harder than to begin. */
    async withdrawAtDesk(author: StaffAuthor, recordId: string): Promise<ConsentRecord> {
      authorise(author.actor, "consents.keep");
      const { personId } = found(await selectConsent(db, recordId), "consent");
      const prepared = await certifier.prepare(personId);
      return change(author, async (scope) => {
        await lockPerson(scope.trx, personId);
        const consent = found(await selectConsent(scope.trx, recordId), "consent");
        const by = { way: "paper", enteredBy: author.actor.staffId } as const;
        await certifier.withdraw(scope, consent, by, prepared);
        return view(scope.trx, recordId);
      });
    },
  };
}
