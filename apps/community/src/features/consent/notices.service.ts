import { randomUUID } from "node:crypto";
import { sha256, toHex } from "@menshen/crypto/node";
import { asksAgain, type NoticeFault, noticeFaults, noticeText } from "@menshen/domain";
import type { NoticeDraftInput, NoticeDraftRecord, PublishedNotice } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { demandFresh, found, unlessTaken } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { ConsentListener } from "./changed.ts";
import { selectGivenTo } from "./consents.store.ts";
import {
  deleteDraft,
  insertDraft,
  lockNotices,
  noticeOf,
  type StoredDraft,
  type StoredNotice,
  selectDrafts,
  selectNotices,
  updateDraft,
  updatePublished,
} from "./notices.store.ts";

const FAULT_TEXTS: Readonly<Record<NoticeFault, string>> = {
  bundled: "one notice asks for one purpose",
  "no-purpose": "say for which purpose",
  "locked-purpose": "nothing stands yet that would keep to this purpose",
  "no-end": "a notice has an end",
  "end-past": "the end lies in the past",
  "end-too-far": "a notice ends within three years",
  irrevocable: "a consent can be withdrawn, always",
  "sub-licensable": "nobody may pass a consent on",
  incomplete: "every part says something, in both languages",
  "biometric-transfer": "data of faces go to nobody else",
};

/** What residents are asked: drafted, published for good, never changed. */
export function makeNoticesService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly communityId: string;
  readonly listeners: readonly ConsentListener[];
}) {
  const { db, clock, change, communityId, listeners } = dependencies;

  async function draftView(reader: Reader, id: string): Promise<NoticeDraftRecord> {
    return draftRecord(await draftOf(reader, id), clock.now());
  }

  return {
    /** For anybody. */
    async published(): Promise<readonly PublishedNotice[]> {
      const all = await selectNotices(db, communityId);
      return all.map((one) => publishedView(one, all));
    },

    async drafts(actor: Actor): Promise<readonly NoticeDraftRecord[]> {
      authorise(actor, "notices.write");
      return (await selectDrafts(db)).map((one) => draftRecord(one, clock.now()));
    },

    /** Throws `not-found` for a series that is none, `conflict` while its next version is being drafted already. */
    async draft(author: StaffAuthor, draft: NoticeDraftInput, seriesId: string | undefined) {
      authorise(author.actor, "notices.write");
      return change(author, async ({ trx, at, record }) => {
        await lockNotices(trx);
        const published = await selectNotices(trx, communityId);
        if (seriesId !== undefined) {
          found(
            published.find(({ notice }) => notice.seriesId === seriesId),
            "notice",
          );
        }
        const id = randomUUID();
        const row = { id, seriesId: seriesId ?? randomUUID(), draft, at, staffId: author.actor.staffId };
        await unlessTaken(insertDraft(trx, row), "the next version of this notice is being drafted already");
        await record({ action: "notice.drafted", entity: "notice", entityId: id, after: {} });
        return draftView(trx, id);
      });
    },

    async redraft(author: StaffAuthor, id: string, draft: NoticeDraftInput, revision: number) {
      authorise(author.actor, "notices.write");
      return change(author, async ({ trx, record }) => {
        await lockNotices(trx);
        demandFresh(await draftOf(trx, id), revision);
        await updateDraft(trx, id, draft);
        await record({ action: "notice.redrafted", entity: "notice", entityId: id, after: {} });
        return draftView(trx, id);
      });
    },

    async discard(author: StaffAuthor, id: string): Promise<void> {
      authorise(author.actor, "notices.write");
      await change(author, async ({ trx, record }) => {
        await lockNotices(trx);
        await draftOf(trx, id);
        await deleteDraft(trx, id);
        await record({ action: "notice.discarded", entity: "notice", entityId: id, before: {} });
      });
    },

    /**
     * Throws `invalid-request` with every fault of the terms, `stale-revision`, and `conflict` for another purpose than the
     * versions before. Consents that do not cover the new version are suspended from now on.
     */
    async publish(author: StaffAuthor, id: string, revision: number): Promise<PublishedNotice> {
      authorise(author.actor, "notices.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        const { trx, at, leaf, record } = scope;
        await lockNotices(trx);
        const stored = await draftOf(trx, id);
        demandFresh(stored, revision);
        const { draft, seriesId } = stored;
        const faults = noticeFaults(draft, at);
        const [purpose] = draft.purposes;
        if (faults.length > 0 || purpose === undefined) {
          throw refusal("invalid-request", "these terms cannot be published", {
            fields: faults.map((fault) => ({ path: `body/${fault}`, message: FAULT_TEXTS[fault] })),
          });
        }
        const before = (await selectNotices(trx, communityId)).filter(
          (one) => one.notice.seriesId === seriesId,
        );
        if (before.some((one) => one.notice.purpose !== purpose)) {
          throw refusal("conflict", "another purpose is another notice: draft a new one");
        }
        const version = 1 + Math.max(0, ...before.map((one) => one.notice.version));
        const notice = noticeOf(draft, { communityId, seriesId, version, purpose });
        const text = noticeText(notice);
        const hash = toHex(sha256(new TextEncoder().encode(text)));
        const leafId = await leaf({
          topic: "consent-notice-published",
          subject: { kind: "community" },
          statement: {
            noticeSha256: hash,
            seriesId,
            version,
            purpose,
            processor: notice.processor.name,
            endsAt: notice.endsAt,
          },
          public: true,
        });
        const { staffId } = author.actor;
        await updatePublished(trx, id, { notice, text, sha256: hash, leafId, at, staffId });
        await record({
          action: "notice.published",
          entity: "notice",
          entityId: id,
          after: { purpose, version, noticeSha256: hash },
        });
        const suspended = before.filter((one) => asksAgain(one.notice, notice)).map((one) => one.id);
        for (const personId of await selectGivenTo(trx, suspended)) {
          for (const listen of listeners) await listen(scope, { what: "suspended", personId, purpose });
        }
        const all = await selectNotices(trx, communityId);
        return publishedView(
          found(
            all.find((one) => one.id === id),
            "notice",
          ),
          all,
        );
      });
    },
  };
}

/** The newest version of a notice's series. */
export function currentOf(one: StoredNotice, all: readonly StoredNotice[]): StoredNotice {
  const { seriesId } = one.notice;
  return all
    .filter(({ notice }) => notice.seriesId === seriesId)
    .reduce((newest, next) => (next.notice.version > newest.notice.version ? next : newest), one);
}

export function publishedView(one: StoredNotice, all: readonly StoredNotice[]): PublishedNotice {
  const { id, notice, sha256: hash, publishedAt } = one;
  return {
    ...notice,
    id,
    subProcessors: [...notice.subProcessors],
    texts: { ...notice.texts },
    sha256: hash,
    publishedAt,
    current: currentOf(one, all) === one,
  };
}

async function draftOf(reader: Reader, id: string): Promise<StoredDraft> {
  return found(
    (await selectDrafts(reader)).find((one) => one.id === id),
    "draft",
  );
}

function draftRecord({ draft, ...place }: StoredDraft, at: number): NoticeDraftRecord {
  const { endsAt, purposes, subProcessors, ...rest } = draft;
  return {
    ...place,
    draft: {
      ...rest,
      purposes: [...purposes],
      subProcessors: [...subProcessors],
      ...(endsAt === undefined ? {} : { endsAt }),
    },
    faults: [...noticeFaults(draft, at)],
  };
}
