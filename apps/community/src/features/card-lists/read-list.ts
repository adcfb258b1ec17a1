import {
  type CardListChoices,
  CredentialError,
  credentialKeyOf,
  formsOfKnownCard,
  type CardListPreview as ParsedList,
  parseCardList,
} from "@menshen/credentials";
import { fromHex, primitives, toHex } from "@menshen/crypto/node";
import type { CredentialKey } from "@menshen/domain";
import type { BodyOf, CardListColumns, CardListRow, cardListEndpoints } from "@menshen/wire";
import { refusal } from "../../errors.ts";
import { type Home, makeHolderMatcher } from "./match-holders.ts";

type Asked = Pick<
  BodyOf<typeof cardListEndpoints.preview>,
  "file" | "columns" | "digits" | "byteOrder" | "known"
>;

/** A row with what the desk need not see. */
export interface ReadRow {
  readonly shown: Omit<CardListRow, "outcome">;
  readonly uid?: Uint8Array;
  readonly key?: CredentialKey;
}

export interface ReadList {
  readonly parsed: ParsedList;
  readonly columns: CardListColumns & { readonly card: number };
  readonly rows: readonly ReadRow[];
}

const HEADINGS = {
  person: /name|holder|姓名|持卡人|业主|住户/i,
  building: /building|block|楼栋|楼号|幢|栋/i,
  dwelling: /dwelling|room|flat|unit|home|房号|房间|门牌|地址|室/i,
} as const;

/**
 * Reads a list, settles how it writes numbers, and finds whose each card is. Throws `invalid-request` for a file that is no
 * list, and for a known card that the list says otherwise in every form.
 */
export async function readList(asked: Asked, homes: readonly Home[]): Promise<ReadList> {
  const bytes = new Uint8Array(Buffer.from(asked.file, "base64"));
  const choices: CardListChoices = {
    ...(asked.columns?.card === undefined ? {} : { column: asked.columns.card }),
    ...(asked.digits === undefined ? {} : { digits: asked.digits }),
    ...(asked.byteOrder === undefined ? {} : { byteOrder: asked.byteOrder }),
  };
  const first = await parsed(bytes, choices);
  const form = asked.known === undefined ? undefined : formOf(first, asked.known);
  const list = form === undefined ? first : await parsed(bytes, { ...choices, ...form });
  const columns = columnsOf(list, asked.columns);
  const match = makeHolderMatcher(homes);
  const cellOf = (cells: readonly string[], column: number | undefined) =>
    column === undefined ? undefined : (cells[column] ?? "");
  const rows = list.rows.map(({ line, cells, uid, findings }): ReadRow => {
    const person = cellOf(cells, columns.person);
    const building = cellOf(cells, columns.building);
    const dwelling = cellOf(cells, columns.dwelling);
    const holder = match({ person, building, dwelling });
    const saysDwelling = [building, dwelling].filter((text) => text !== undefined).join(" ");
    const shown = {
      line,
      text: cells[columns.card] ?? "",
      ...(person === undefined ? {} : { saysPerson: person }),
      ...(saysDwelling === "" ? {} : { saysDwelling }),
      ...("finding" in holder ? {} : holder),
      findings: [...findings, ...("finding" in holder ? [{ code: holder.finding }] : [])],
    };
    if (uid === undefined) return { shown };
    const label = toHex(uid).slice(-4).toUpperCase();
    return { shown: { ...shown, label }, uid, key: credentialKeyOf(primitives, "uid", uid) };
  });
  return { parsed: list, columns, rows };
}

async function parsed(bytes: Uint8Array, choices: CardListChoices): Promise<ParsedList> {
  try {
    return await parseCardList(bytes, choices);
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    throw refusal("invalid-request", `this file is no list of cards: ${error.message}`, {
      fields: [{ path: "body/file", message: error.message }],
    });
  }
}

function formOf(list: ParsedList, known: NonNullable<Asked["known"]>) {
  const row = list.rows.find(({ line }) => line === known.line);
  const uid = fromHex(known.uid);
  const [form] =
    row === undefined || uid === undefined ? [] : formsOfKnownCard(row.cells[list.column] ?? "", uid);
  if (form !== undefined) return form;
  throw refusal("invalid-request", "the list writes another number there, in whichever form", {
    fields: [{ path: "body/known", message: `expected a card whose number stands in line ${known.line}` }],
  });
}

function columnsOf(
  list: ParsedList,
  asked: CardListColumns = {},
): CardListColumns & { readonly card: number } {
  const { header, column: card } = list;
  const named = (what: keyof typeof HEADINGS) => {
    if (asked[what] !== undefined) return asked[what];
    // Whoever chose columns meant these and no others.
    if (Object.keys(asked).length > 1) return undefined;
    const at = header.findIndex((heading, index) => index !== card && HEADINGS[what].test(heading));
    return at < 0 ? undefined : at;
  };
  const found = { person: named("person"), building: named("building"), dwelling: named("dwelling") };
  return {
    card,
    ...(found.person === undefined ? {} : { person: found.person }),
    ...(found.building === undefined ? {} : { building: found.building }),
    ...(found.dwelling === undefined || found.dwelling === found.building
      ? {}
      : { dwelling: found.dwelling }),
  };
}
