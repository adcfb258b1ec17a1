import Type, { type TObject, type TSchema } from "typebox";
import { API_BASE, IdParams, pageOf } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/**
 * The six operations that every kind of stored record has: list, read, create, update, remove (kept, see `removedAt`)
 * and restore.
 *
 * @param name singular and plural, as in `{ one: "building", many: "buildings" }`; the plural is the path
 * @param resident the records are about residents: what the answers show needs a reason; `created` says whether the
 *   answer to a creation tells more than its request did
 */
export function recordEndpoints<
  const One extends string,
  Item extends TSchema,
  Create extends TSchema,
  Update extends TSchema,
  Query extends TObject,
>(
  name: { readonly one: One; readonly many: string; readonly path: string },
  schemas: { readonly item: Item; readonly create: Create; readonly update: Update; readonly query: Query },
  resident?: { readonly created: boolean },
) {
  const collection = `${API_BASE}/${name.path}`;
  const tag = name.path;
  const label = name.one.charAt(0).toUpperCase() + name.one.slice(1);
  const many = name.many.charAt(0).toUpperCase() + name.many.slice(1);
  const shows = (what: "list" | "record", shown = resident !== undefined) =>
    shown ? { shows: { what, reason: "required" as const } } : {};
  return {
    list: endpoint({
      id: `list${many}`,
      method: "GET",
      path: collection,
      tag,
      summary: `list ${name.path}`,
      query: schemas.query,
      response: pageOf(schemas.item),
      ...shows("list"),
    }),
    get: endpoint({
      id: `get${label}`,
      method: "GET",
      path: `${collection}/:id`,
      tag,
      summary: "read one",
      params: IdParams,
      response: schemas.item,
      ...shows("record"),
    }),
    create: endpoint({
      id: `create${label}`,
      method: "POST",
      path: collection,
      tag,
      summary: "create",
      body: schemas.create,
      response: schemas.item,
      status: 201,
      ...shows("record", resident?.created),
    }),
    update: endpoint({
      id: `update${label}`,
      method: "PUT",
      path: `${collection}/:id`,
      tag,
      summary: "replace the changeable fields; refused if `revision` is not the newest",
      params: IdParams,
      body: schemas.update,
      response: schemas.item,
      ...shows("record"),
    }),
    remove: endpoint({
      id: `remove${label}`,
      method: "DELETE",
      path: `${collection}/:id`,
      tag,
      summary: "remove; can be restored",
      params: IdParams,
      response: schemas.item,
      ...shows("record"),
    }),
    restore: endpoint({
      id: `restore${label}`,
      method: "POST",
      path: `${collection}/:id/restore`,
      tag,
      summary: "restore a removed one",
      params: IdParams,
      response: schemas.item,
      ...shows("record"),
    }),
  } as const;
}

/** An update is the creation's fields with the revision it was made from. */
export function withRevision<Fields extends Record<string, TSchema>>(fields: Fields) {
  return Type.Object({ ...fields, revision: Type.Integer({ minimum: 1 }) }, { additionalProperties: false });
}
