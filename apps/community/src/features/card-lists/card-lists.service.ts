import { createHash, randomUUID } from "node:crypto";
import { credentialKeyOf } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import { canonicalJson } from "@menshen/domain";
import {
  type BodyOf,
  CARD_LIST_PAGE,
  type CardList,
  type CardListPreview,
  type CardListRow,
  type cardListEndpoints,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  demandLegacyEnd,
  type Enroller,
  parseState,
  selectLegacyUntil,
  takeStep,
  updateState,
} from "../credentials/index.ts";
import {
  deleteWaiting,
  insertList,
  lockList,
  selectHomes,
  selectKnownKeys,
  selectListId,
  selectLists,
  selectToEnd,
  selectWaiting,
  updateListState,
  updateRow,
  type WaitingRow,
} from "./card-lists.store.ts";
import { type ReadList, type ReadRow, readList } from "./read-list.ts";

/** Rows of one step: a second or so, so that a long list shows how far it is and never holds up others. */
const STEP_ROWS = 100;
const SAMPLE_ROWS = 3;

export type CardListsService = ReturnType<typeof makeCardListsService>;

/**
 * Takes over cards that were there before Menshen. They are mere numbers: each is a credential of its holder's dwelling
 * with an end date and its leaf in the public log, as if it were enrolled at the desk.
 */
export function makeCardListsService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly storageKey: StorageKey;
  readonly enroller: Enroller;
}) {
  const { db, clock, change, storageKey, enroller } = dependencies;

  async function view(reader: Reader, id: string): Promise<CardList> {
    const [list] = await selectLists(reader, id);
    return found(list, "list");
  }

  async function enrolNext(scope: ChangeScope, id: string): Promise<void> {
    const rows = await selectWaiting(scope.trx, id, STEP_ROWS);
    const cards = rows.map((row) => {
      const uid = storageKey.open(row.sealedIdentifier, rowContext(id, row.line));
      return { ...row, uid, key: credentialKeyOf(primitives, "uid", uid) };
    });
    const known = await selectKnownKeys(
      scope.trx,
      cards.map(({ key }) => key),
    );
    for (const { line, uid, key, personId, dwellingId, until } of cards) {
      if (known.has(toHex(key))) {
        await updateRow(scope.trx, id, line, { outcome: "already", credentialId: undefined });
        continue;
      }
      const card = { kind: "uid", identifier: toHex(uid), until } as const;
      const { credential } = await enroller.enrol(scope, card, { personId, dwellingId });
      await updateRow(scope.trx, id, line, { outcome: "enrolled", credentialId: credential.id });
    }
    if (rows.length === STEP_ROWS) return;
    await deleteWaiting(scope.trx, id);
    await updateListState(scope.trx, id, "done");
  }

  async function endNext(scope: ChangeScope, id: string): Promise<void> {
    const credentials = await selectToEnd(scope.trx, id, STEP_ROWS);
    if (credentials.length === 0) return;
    const modelVersion = await scope.touch("credentials");
    for (const { id: credentialId, state } of credentials) {
      const { to } = takeStep(parseState(state), "return");
      await updateState(scope.trx, credentialId, to, scope.at, modelVersion);
      await scope.record({
        action: "credential.import-undone",
        entity: "credential",
        entityId: credentialId,
        before: { state },
        after: { state: to },
      });
    }
  }

  return {
    async preview(actor: Actor, input: BodyOf<typeof cardListEndpoints.preview>): Promise<CardListPreview> {
      authorise(actor, "credentials.write");
      const list = await readList(input, await selectHomes(db, clock.now()));
      const rows = await judged(db, list);
      const isOdd = (row: CardListRow) => row.outcome !== "import" || row.findings.length > 0;
      const asked = input.show === "odd" ? rows.filter(isOdd) : rows;
      const offset = input.offset ?? 0;
      const count = (outcome: CardListRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
      return {
        header: [...list.parsed.header],
        sample: list.parsed.rows.slice(0, SAMPLE_ROWS).map(({ cells }) => [...cells]),
        columns: list.columns,
        form: list.parsed.form,
        ambiguous: list.parsed.ambiguous,
        counts: {
          import: count("import"),
          already: count("already"),
          stopped: count("stopped"),
          odd: rows.filter(isOdd).length,
        },
        total: asked.length,
        rows: asked.slice(offset, offset + CARD_LIST_PAGE),
      };
    },

    /**
     * Notes what is to be enrolled; `proceed` does it. Throws `invalid-request` for an end that is too late, for a list that
     * nothing says how to read, and for one without a row to import.
     */
    async start(author: StaffAuthor, input: BodyOf<typeof cardListEndpoints.start>): Promise<CardList> {
      authorise(author.actor, "credentials.write");
      demandLegacyEnd("uid", input.until, await selectLegacyUntil(db));
      const list = await readList(input, await selectHomes(db, clock.now()));
      const { digits, byteOrder } = list.parsed.ambiguous;
      if (digits || byteOrder) {
        throw refusal(
          "invalid-request",
          "nothing in the list says how it writes numbers: lay a known card on the reader",
          {
            fields: [{ path: "body/known", message: "expected a known card, or digits and byte order" }],
          },
        );
      }
      const digest = digestOf(list, input);
      return change(author, async ({ trx, at, record }) => {
        const there = await selectListId(trx, digest);
        if (there !== undefined) return view(trx, there);
        const id = randomUUID();
        const waiting = waitingRows(await judged(trx, list), list.rows, (line, uid) => ({
          sealedIdentifier: storageKey.seal(uid, rowContext(id, line)),
          until: input.until,
        }));
        if (waiting.length === 0) {
          throw refusal("invalid-request", "no row of this list can be imported", {
            fields: [{ path: "body/file", message: "expected a card that is not enrolled yet" }],
          });
        }
        await insertList(trx, { id, digest, staffId: author.actor.staffId, at }, waiting);
        await record({
          action: "card-list.imported",
          entity: "card-list",
          entityId: id,
          after: { cards: waiting.length, until: input.until },
        });
        return view(trx, id);
      });
    },

    /** The next rows. Repeating it after the last one changes nothing. */
    async proceed(author: StaffAuthor, id: string): Promise<CardList> {
      authorise(author.actor, "credentials.write");
      return change(author, async (scope) => {
        const state = found(await lockList(scope.trx, id), "list");
        if (state === "importing") await enrolNext(scope, id);
        if (state === "undone") await endNext(scope, id);
        return view(scope.trx, id);
      });
    },

    /**
     * Ends all that the import enrolled and that still opens something. Whether one of them was used no server can tell, since
     * trails are sealed: so they end, on record, and are not wiped out.
     */
    async undo(author: StaffAuthor, id: string): Promise<CardList> {
      authorise(author.actor, "credentials.write");
      demandReason(author.reason);
      return change(author, async (scope) => {
        const before = found(await lockList(scope.trx, id), "list");
        if (before !== "undone") {
          await updateListState(scope.trx, id, "undone");
          await deleteWaiting(scope.trx, id);
          await scope.record({
            action: "card-list.undone",
            entity: "card-list",
            entityId: id,
            before: { state: before },
            after: { state: "undone" },
          });
        }
        await endNext(scope, id);
        return view(scope.trx, id);
      });
    },

    async list(actor: Actor): Promise<readonly CardList[]> {
      authorise(actor, "credentials.read");
      return selectLists(db);
    },
  };
}

/** The rows with what would become of each. A card that is in the register stays what it is there, also a lost one. */
async function judged(db: Reader, list: ReadList): Promise<readonly CardListRow[]> {
  const known = await selectKnownKeys(
    db,
    list.rows.flatMap(({ key }) => (key === undefined ? [] : [key])),
  );
  return list.rows.map(({ shown, key }) => ({ ...shown, outcome: outcomeOf(shown, key, known) }));
}

function outcomeOf(
  { personId }: ReadRow["shown"],
  key: ReadRow["key"],
  known: ReadonlySet<string>,
): CardListRow["outcome"] {
  if (key === undefined) return "stopped";
  if (known.has(toHex(key))) return "already";
  return personId === undefined ? "stopped" : "import";
}

function waitingRows(
  judgedRows: readonly CardListRow[],
  rows: readonly ReadRow[],
  seal: (line: number, uid: Uint8Array) => Pick<WaitingRow, "sealedIdentifier" | "until">,
): readonly WaitingRow[] {
  return judgedRows.flatMap(({ outcome, line, personId, dwellingId }, index) => {
    const uid = rows[index]?.uid;
    if (outcome !== "import" || uid === undefined || personId === undefined) return [];
    return [{ line, personId, dwellingId, ...seal(line, uid) }];
  });
}

/** The same file, read the same way, with the same end. */
function digestOf(
  { parsed, columns }: ReadList,
  input: { readonly file: string; readonly until: number },
): Uint8Array {
  const said = canonicalJson({ columns: { ...columns }, form: { ...parsed.form }, until: input.until });
  return new Uint8Array(createHash("sha256").update(said).update("\0").update(input.file).digest());
}

function rowContext(listId: string, line: number): string {
  return `card-list:${listId}:${line}`;
}
