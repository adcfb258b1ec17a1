import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const LISTS = `${API_BASE}/card-lists`;

/** Largest file that is taken: some hundred thousand cards. */
export const CARD_LIST_MAX_BYTES = 8 * 1024 * 1024;
/** Rows that one preview shows. */
export const CARD_LIST_PAGE = 200;

const Column = Type.Integer({ minimum: 0, maximum: 255 });
const Line = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });

/** Which column says what, from 0. Without a column for the person, a home with one resident is enough. */
export const CardListColumns = Type.Object(
  {
    card: Type.Optional(Column),
    person: Type.Optional(Column),
    building: Type.Optional(Column),
    dwelling: Type.Optional(Column),
  },
  closed,
);
export type CardListColumns = Static<typeof CardListColumns>;

const CardListForm = Type.Object({
  digits: Type.Enum(["hex", "decimal"]),
  byteOrder: Type.Enum(["as-shown", "reversed"]),
});

/** A list as the old system wrote it (CSV, XLSX), and how to read it. */
const choices = {
  /** Base64 with padding. */
  file: Type.String({
    minLength: 4,
    maxLength: Math.ceil(CARD_LIST_MAX_BYTES / 3) * 4,
    pattern: "^[A-Za-z0-9+/]+={0,2}$",
  }),
  /** Found by their headings unless told. */
  columns: Type.Optional(CardListColumns),
  digits: Type.Optional(CardListForm.properties.digits),
  byteOrder: Type.Optional(CardListForm.properties.byteOrder),
  /** A card of the list that lies on the reader: settles how the list writes numbers. */
  known: Type.Optional(Type.Object({ line: Line, uid: hexBytes(4, 10) }, closed)),
};
const bodyLimitBytes = Math.ceil(CARD_LIST_MAX_BYTES / 3) * 4 + 4_096;

/**
 * What is odd about a row. All but `unusual-number` stop it. Of its number: see `parseCardList`; of its holder:
 * `no-dwelling`, `dwelling-unclear`, `no-person`, `person-unclear`.
 */
export const CARD_LIST_FINDINGS = [
  "no-number",
  "not-a-number",
  "wrong-length",
  "digits-lost",
  "scientific-notation",
  "random-number",
  "duplicate",
  "unusual-number",
  "no-dwelling",
  "dwelling-unclear",
  "no-person",
  "person-unclear",
] as const;
export type CardListFindingCode = (typeof CARD_LIST_FINDINGS)[number];

/** What would become of a row; `already`: the card is in the register, whatever its state. */
export const CARD_LIST_OUTCOMES = ["import", "already", "stopped"] as const;
export type CardListOutcome = (typeof CARD_LIST_OUTCOMES)[number];

export const CardListRow = Type.Object({
  line: Line,
  /** The number's last four digits. */
  label: Type.Optional(Type.String()),
  /** As the file has it. */
  text: Type.String(),
  saysPerson: Type.Optional(Type.String()),
  saysDwelling: Type.Optional(Type.String()),
  personId: Type.Optional(Uuid),
  personName: Type.Optional(Type.String()),
  dwellingId: Type.Optional(Uuid),
  dwellingName: Type.Optional(Type.String()),
  findings: Type.Array(
    Type.Object({ code: Type.Enum([...CARD_LIST_FINDINGS]), ofLine: Type.Optional(Line) }),
  ),
  outcome: Type.Enum([...CARD_LIST_OUTCOMES]),
});
export type CardListRow = Static<typeof CardListRow>;

export const CardListPreview = Type.Object({
  header: Type.Array(Type.String()),
  /** The first rows, for choosing columns. */
  sample: Type.Array(Type.Array(Type.String())),
  columns: CardListColumns,
  form: CardListForm,
  /** Nothing tells one way of writing from the other: choose one, or lay a known card on the reader. */
  ambiguous: Type.Object({ digits: Type.Boolean(), byteOrder: Type.Boolean() }),
  counts: Type.Object({ import: Count, already: Count, stopped: Count, odd: Count }),
  /** Rows that match what was asked, and the page of them. */
  total: Count,
  rows: Type.Array(CardListRow),
});
export type CardListPreview = Static<typeof CardListPreview>;

export const CardList = Type.Object({
  id: Uuid,
  createdAt: EpochMs,
  staffName: Type.String(),
  /** `undone`: what it enrolled was ended, or is being ended as long as `toEnd` is not 0. */
  state: Type.Enum(["importing", "done", "undone"]),
  total: Count,
  enrolled: Count,
  already: Count,
  waiting: Count,
  toEnd: Count,
});
export type CardList = Static<typeof CardList>;

export const cardListEndpoints = {
  preview: endpoint({
    id: "previewCardList",
    method: "POST",
    path: `${LISTS}/preview`,
    tag: "credentials",
    summary: "what an import of existing cards would do, row by row; nothing is written",
    body: Type.Object(
      {
        ...choices,
        show: Type.Optional(Type.Enum(["all", "odd"])),
        offset: Type.Optional(Type.Integer({ minimum: 0 })),
      },
      closed,
    ),
    response: CardListPreview,
    bodyLimitBytes,
    shows: { what: "credentials", reason: "required" },
  }),
  start: endpoint({
    id: "startCardList",
    method: "POST",
    path: LISTS,
    tag: "credentials",
    summary: "begin an import; the same list once more is the same import",
    body: Type.Object(
      {
        ...choices,
        /** End of every card of the list; no later than the community allows. */
        until: EpochMs,
      },
      closed,
    ),
    response: CardList,
    status: 201,
    bodyLimitBytes,
  }),
  proceed: endpoint({
    id: "proceedWithCardList",
    method: "POST",
    path: `${LISTS}/:id/proceed`,
    tag: "credentials",
    summary:
      "enrol the next rows, or end the next ones of an import that is undone; repeat until none are left",
    params: IdParams,
    response: CardList,
  }),
  undo: endpoint({
    id: "undoCardList",
    method: "POST",
    path: `${LISTS}/:id/undo`,
    tag: "credentials",
    summary: "take a whole import back: what it enrolled opens nothing more",
    params: IdParams,
    response: CardList,
    reason: "required",
  }),
  list: endpoint({
    id: "listCardLists",
    method: "GET",
    path: LISTS,
    tag: "credentials",
    summary: "imports of existing cards, newest first; at most 100",
    response: Type.Object({ items: Type.Array(CardList) }),
  }),
} as const;
