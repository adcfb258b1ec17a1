import { randomUUID } from "node:crypto";
import { randomBytes, toHex } from "@menshen/crypto/node";
import type { Endpoint, ResponseOf } from "@menshen/wire";
import { Value } from "typebox/value";
import type { ApiClient } from "../../api/client.ts";

interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

interface LooseParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** What a community server keeps, without a server: records by the last part of their path. */
export interface MemoryCommunity {
  readonly rows: (collection: string) => readonly Row[];
  /** Changes that were carried out. */
  readonly changes: () => number;
  /**
   * A caller that dies with the answer to its change number `dies`, which is carried out: none of its calls is answered
   * from then on. By default it lives.
   */
  readonly caller: (dies?: number) => ApiClient;
}

/** Small, so that every list has a second page. */
const PAGE_ITEMS = 3;
const ROOT = { groundsAreaId: randomUUID(), outsideAreaId: randomUUID() };

/** Refuses bodies that are not the operation's; knows the operations that seeding needs. */
export function makeMemoryCommunity(): MemoryCommunity {
  const tables = new Map<string, Row[]>();
  let changes = 0;

  const table = (collection: string): Row[] => {
    const rows = tables.get(collection) ?? [];
    tables.set(collection, rows);
    return rows;
  };
  const add = (collection: string, fields: object): Row => {
    const row = { id: randomUUID(), ...fields };
    table(collection).push(row);
    return row;
  };
  const page = (rows: readonly Row[], { limit, cursor, ...filter }: Readonly<Record<string, unknown>>) => {
    const found = rows.filter((row) =>
      Object.entries(filter).every(([field, value]) => row[field] === value),
    );
    const first = cursor === undefined ? 0 : Number(cursor);
    const end = first + Math.min(Number(limit), PAGE_ITEMS);
    return { items: found.slice(first, end), ...(end < found.length ? { nextCursor: String(end) } : {}) };
  };
  const read = (collection: string, query: LooseParts["query"] = {}): unknown => {
    if (collection === "community") return ROOT;
    if (collection === "holidays") return { items: table(collection) };
    return page(table(collection), query);
  };
  const mark = (id: unknown, state: string): Row => {
    const rows = table("credentials");
    const index = rows.findIndex((row) => row.id === id);
    const before = rows[index];
    if (before === undefined) throw new RangeError("no such credential");
    const after = { ...before, state };
    rows[index] = after;
    return after;
  };
  const enrol = (body: object): unknown => {
    const credential = add("credentials", { ...body, state: "active" });
    const { kind } = credential;
    if (kind === "uid") return { credential };
    const keys = [0, 1, 2].map((number) => ({ number, version: 1, value: toHex(randomBytes(16)) }));
    return { credential, personalisation: { kind, keys } };
  };
  const change = ({ path }: Endpoint, { params = {}, body }: LooseParts): unknown => {
    const [collection = "", item, action] = path.split("/").slice(3);
    const fields = typeof body === "object" && body !== null ? body : {};
    if (collection === "holidays") return add(collection, { ...params, ...fields });
    if (item === "enrol") return enrol(fields);
    if (action === "block") return mark(params.id, "blocked");
    if (action === "lost") return mark(params.id, "lost");
    return add(collection, fields);
  };

  return {
    rows: table,
    changes: () => changes,
    caller(dies = Number.POSITIVE_INFINITY) {
      let made = 0;
      return {
        cookie: "",
        async call<E extends Endpoint>(endpoint: E, parts: LooseParts): Promise<ResponseOf<E>> {
          // Others' calls come in between, as they do over a network.
          await new Promise((resolve) => setImmediate(resolve));
          if (made >= dies) throw new Error("no answer");
          if (endpoint.body !== undefined && !Value.Check(endpoint.body, parts.body)) {
            throw new RangeError(`${endpoint.id}: unexpected body ${JSON.stringify(parts.body)}`);
          }
          if (endpoint.method === "GET") {
            return read(endpoint.path.split("/")[3] ?? "", parts.query) as ResponseOf<E>;
          }
          made += 1;
          changes += 1;
          const answer = change(endpoint, parts);
          if (made >= dies) throw new Error("no answer");
          return answer as ResponseOf<E>;
        },
      };
    },
  };
}
