import { randomUUID } from "node:crypto";
import { sha256, toHex } from "@menshen/crypto/node";
import type { CustodianSet } from "@menshen/custody";
import {
  type CanonicalJson,
  canonicalJson,
  checkOpeningRequest,
  deadBefore,
  type EpochGrid,
  epochAt,
  OPENING_LIMITS,
  type OpeningChecked,
  type OpeningDraft,
  type OpeningRefusal,
  type OpeningStatement,
} from "@menshen/domain";
import type { BodyOf, Opening, OpeningOutcome, openingEndpoints } from "@menshen/wire";
import { OPENING_DOCUMENT_MAX_BYTES } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import type { KeyRing } from "../custody/index.ts";
import { entriesOfHold, epochsOfHold } from "./holds.service.ts";
import {
  insertDocument,
  insertOpening,
  insertSupplement,
  lockOpening,
  type OpeningCustodianRow,
  type OpeningRow,
  type ScopedEntry,
  selectAccessPointIds,
  selectDocuments,
  selectEntries,
  selectOpening,
  selectOpenings,
  selectPresentSet,
  selectSealMaxDays,
} from "./opening.store.ts";
import { factsOf, type PublishedLog, statementOf, viewOf } from "./opening-view.ts";
import { accessEntryIn, entriesInScope, openableOf } from "./scope.ts";

const DAY_MS = 86_400_000;

/** A sealed document opens for its own digest only. */
function documentContext(digest: string): string {
  return `opening-document:${digest}`;
}

/** What custody says of time: the grid of epochs, and how long after its end an epoch's shares live. */
export interface EpochTimes {
  readonly grid: EpochGrid;
  readonly retentionDays: number;
}

type Accepted = Extract<OpeningChecked, { accepted: true }>["request"];

/** A request with the entries in its scope, or why it is refused. */
type Judged =
  | { readonly refusals: readonly OpeningRefusal[] }
  | {
      readonly refusals?: undefined;
      readonly request: Accepted;
      readonly entries: readonly ScopedEntry[];
      readonly custodians: CustodianSet;
    };

function refusedBy(code: OpeningRefusal["code"], field: string): Judged {
  return { refusals: [{ code, field }] };
}

export type IntakeService = ReturnType<typeof makeIntakeService>;

/** Requests of authorities come in here: judged, refused with reasons, or committed to in the log. */
export function makeIntakeService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly log: PublishedLog;
  readonly keyRing: KeyRing;
  readonly epochTimes: () => Promise<EpochTimes>;
}) {
  const { db, clock, change, storageKey, log, keyRing, epochTimes } = dependencies;

  async function judge(draft: OpeningDraft): Promise<Judged> {
    const custodians = await selectPresentSet(db);
    if (custodians === undefined)
      throw refusal("conflict", "no custodians are appointed: nobody can open anything");
    const now = clock.now();
    const { grid, retentionDays } = await epochTimes();
    const checked = checkOpeningRequest(draft, {
      now,
      accessPointIds: await selectAccessPointIds(db),
      documents: await selectDocuments(db, digestsOf(draft)),
      destroyedBefore: deadBefore(grid, now, retentionDays),
      sealMaxMs: (await selectSealMaxDays(db)) * DAY_MS,
      custodianCount: custodians.members.length,
    });
    if (!checked.accepted) return { refusals: checked.refusals };
    const { request } = checked;
    if (request.heldBy !== undefined)
      return judgeRelease({ ...request, heldBy: request.heldBy }, custodians, now);
    if (request.holdUntil !== undefined) {
      const lasting = epochAt(grid, request.holdUntil) ?? 0;
      if ((await keyRing.keysOfEpoch(db, lasting)).length === 0)
        return refusedBy("hold-without-key", "holdUntil");
    }
    const entries = await entriesInScope(db, keyRing, request);
    if (entries === undefined) return refusedBy("more-entries-in-scope", "entryCap");
    return { request, entries, custodians };
  }

  /** A request that opens entries from a hold stays within it. */
  async function judgeRelease(
    request: Accepted & { readonly heldBy: string },
    custodians: CustodianSet,
    now: number,
  ): Promise<Judged> {
    const hold = await selectOpening(db, request.heldBy);
    const isOver = hold?.hold_until === null || hold?.hold_ended_at !== null || hold.hold_until <= now;
    if (hold === undefined || isOver || hold.state !== "answered") return refusedBy("hold-unknown", "heldBy");
    const held = statementOf(hold);
    const isWithin =
      request.accessPointIds.every((id) => held.accessPointIds.includes(id)) &&
      request.from >= held.from &&
      request.until <= held.until;
    if (!isWithin) return refusedBy("outside-hold", "heldBy");
    const entries = await entriesOfHold(db, hold.id, (scoped) => {
      const entry = accessEntryIn(scoped.entry);
      return (
        entry !== undefined &&
        request.accessPointIds.includes(entry.body.accessPointId) &&
        entry.earliest >= request.from &&
        entry.earliest < request.until
      );
    });
    if (entries.length > request.entryCap) return refusedBy("more-entries-in-scope", "entryCap");
    return { request, entries, custodians };
  }

  /** Everybody whose share can open one of the entries, and always the custodians in force. */
  async function askedOf(
    entries: readonly ScopedEntry[],
    present: CustodianSet,
    { onCall = [], heldBy }: Pick<Accepted, "onCall" | "heldBy">,
  ) {
    const sets = new Map([[present.version, present]]);
    const epochs =
      heldBy === undefined
        ? (await openableOf(db, keyRing, entries)).map(({ epoch }) => epoch)
        : await epochsOfHold(db, keyRing, heldBy);
    for (const { set } of epochs) sets.set(set.version, set);
    const called = new Set(onCall.map((index) => present.members[index - 1]?.body));
    return [...sets.values()].flatMap(({ version, members }) =>
      members.map(
        ({ body }, i): Pick<OpeningCustodianRow, "set_version" | "custodian" | "body" | "on_call"> => ({
          set_version: version,
          custodian: i + 1,
          body,
          on_call: called.has(body),
        }),
      ),
    );
  }

  async function read(id: string): Promise<Opening> {
    const row = found(await selectOpening(db, id), "request");
    const [facts] = await factsOf(db, log, [row]);
    return viewOf(found(facts, "request"), clock.now());
  }

  return {
    read: async (actor: Actor, id: string): Promise<Opening> => {
      authorise(actor, "openings.read");
      return read(id);
    },

    /** Newest first. */
    async list(actor: Actor): Promise<readonly Opening[]> {
      authorise(actor, "openings.read");
      const facts = await factsOf(db, log, await selectOpenings(db));
      return facts.map((one) => viewOf(one, clock.now()));
    },

    /** Keeps a scan, sealed; the answer is its name. Throws `too-large`. */
    async addDocument(author: StaffAuthor, input: BodyOf<typeof openingEndpoints.addDocument>) {
      // Papers that an emergency left out come with its review, which is another duty's.
      if (!author.actor.permissions.has("openings.review")) authorise(author.actor, "openings.write");
      const content = new Uint8Array(Buffer.from(input.content, "base64"));
      if (Buffer.from(content).toString("base64") !== input.content) {
        throw refusal("invalid-request", "the content is not base64", {
          fields: [{ path: "body/content", message: "expected base64 with padding" }],
        });
      }
      if (content.length > OPENING_DOCUMENT_MAX_BYTES) {
        throw refusal("too-large", `expected a scan of at most ${OPENING_DOCUMENT_MAX_BYTES} bytes`);
      }
      const digest = sha256(content);
      const documentSha256 = toHex(digest);
      await change(author, async ({ trx, at, record }) => {
        const added = await insertDocument(trx, {
          sha256: digest,
          kind: input.kind,
          sealed: storageKey.seal(content, documentContext(documentSha256)),
          at,
          staffId: author.actor.staffId,
        });
        if (added) {
          await record({
            action: "opening-document.added",
            entity: "opening-document",
            entityId: documentSha256,
          });
        }
      });
      return { documentSha256 };
    },

    /** What would be refused. Nothing is recorded. */
    async check(actor: Actor, draft: OpeningDraft): Promise<OpeningOutcome> {
      authorise(actor, "openings.write");
      const judged = await judge(draft);
      const refusals = judged.refusals ?? [];
      return { accepted: refusals.length === 0, refusals: [...refusals] };
    },

    /**
     * Takes in entries of a request's own doors and window that arrived after it: their gate was offline. The request's
     * statement covers them, so custodians' programs check them as they do the others. Throws `conflict` for a request
     * that has ended, that opens from a hold, or whose cap they would exceed.
     */
    async supplement(
      author: StaffAuthor,
      id: string,
    ): Promise<{ readonly added: number; readonly opening: Opening }> {
      authorise(author.actor, "openings.write");
      const row = found(await selectOpening(db, id), "request");
      const demandOpen = ({ state, deadline }: OpeningRow, at: number) => {
        if (state !== "requested" || at >= deadline) {
          throw refusal("conflict", "this request has ended: what came later needs a request of its own");
        }
      };
      demandOpen(row, clock.now());
      if (row.held_by !== null) throw refusal("conflict", "a hold keeps what it was placed on, and no more");
      const request = statementOf(row);
      const inScope = await entriesInScope(db, keyRing, request);
      const present = await selectPresentSet(db);
      const added = await change(author, async ({ trx, at, record, leaf }) => {
        demandOpen(found(await lockOpening(trx, id), "request"), at);
        const known = await selectEntries(trx, id);
        const names = new Set(known.map(nameOf));
        const late = (inScope ?? []).filter((entry) => !names.has(nameOf(entry)));
        if (inScope === undefined || known.length + late.length > request.entryCap) {
          throw refusal("conflict", "there are more entries now than this request may open: make another");
        }
        if (late.length === 0 || present === undefined) return 0;
        const entries = late.map((entry, i) => ({ ...entry, position: known.length + i }));
        await insertSupplement(trx, id, entries, await askedOf(entries, present, request), at);
        const { path } = request;
        await leaf({
          topic: "opening-supplemented",
          subject: { kind: "community" },
          statement: { path, entries: late.length },
          public: true,
        });
        await record({
          action: "opening.supplemented",
          entity: "opening",
          entityId: id,
          after: { entries: late.length },
        });
        return late.length;
      });
      return { added, opening: await read(id) };
    },

    /**
     * Takes in a request. Refused or not, the log learns of it; what it says is committed to before any custodian can see
     * it. Throws `conflict` while no custodians are appointed.
     */
    async request(author: StaffAuthor, draft: OpeningDraft): Promise<OpeningOutcome> {
      authorise(author.actor, "openings.write");
      const judged = await judge(draft);
      if (judged.refusals !== undefined) {
        const { refusals } = judged;
        const reasons = [...new Set(refusals.map(({ code }) => code))];
        await change(author, async ({ record, leaf }) => {
          await leaf({
            topic: "opening-refused",
            subject: { kind: "community" },
            statement: { stage: "intake", reasons },
            public: true,
          });
          await record({
            action: "opening.refused-at-intake",
            entity: "opening",
            entityId: randomUUID(),
            after: { reasons },
          });
        });
        return { accepted: false, refusals: [...refusals] };
      }
      const { request, entries, custodians } = judged;
      const id = randomUUID();
      const asked = await askedOf(entries, custodians, request);
      await change(author, async ({ trx, at, record, leaf }) => {
        const { path } = request;
        const reviewDueAt = path === "emergency" ? at + OPENING_LIMITS.reviewDueMs : undefined;
        const statement: OpeningStatement = { topic: "opening-requested", at, requestId: id, ...request };
        const { topic, at: _at, ...said } = statement;
        const leafId = await leaf({ topic, subject: { kind: "opening", id }, statement: jsonOf(said) });
        await leaf({
          topic: "opening-announced",
          subject: { kind: "community" },
          statement: { path, ...(reviewDueAt === undefined ? {} : { reviewDueAt }) },
          public: true,
        });
        await insertOpening(
          trx,
          {
            id,
            path,
            requested_at: at,
            deadline: request.deadline,
            seal_until: request.sealUntil,
            statement: canonicalJson(jsonOf(statement)),
            leaf_id: leafId,
            staff_id: author.actor.staffId,
            review_due_at: reviewDueAt,
            hold_until: request.holdUntil,
            held_by: request.heldBy,
          },
          entries,
          asked,
        );
        await record({ action: "opening.requested", entity: "opening", entityId: id, after: { path } });
      });
      return { accepted: true, refusals: [], opening: await read(id) };
    },
  };
}

function nameOf({ gateId, sequence }: ScopedEntry): string {
  return `${gateId}/${sequence}`;
}

function digestsOf({ documentSha256, extension }: OpeningDraft): string[] {
  const further: unknown =
    typeof extension === "object" && extension !== null
      ? Reflect.get(extension, "documentSha256")
      : undefined;
  return [documentSha256, further].filter(
    (digest): digest is string => typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest),
  );
}

/** A statement as canonical JSON takes it. */
function jsonOf({ extension, ...statement }: Partial<OpeningStatement>): {
  readonly [name: string]: CanonicalJson;
} {
  return { ...statement, ...(extension === undefined ? {} : { extension: { ...extension } }) };
}
