import { randomUUID } from "node:crypto";
import type { AccessPoint, AccessPointCreate, accessPointEndpoints, BodyOf, QueryOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  optional,
  setRemoved,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  countReadersAt,
  insertAccessPoint,
  isPresent,
  selectAccessPoint,
  selectAccessPoints,
  updateAccessPoint,
} from "./doors.store.ts";

export type AccessPointsService = ReturnType<typeof makeAccessPointsService>;

/** Directions through doors; rules attach here. */
export function makeAccessPointsService({
  db,
  change,
}: {
  readonly db: Database;
  readonly change: ChangeRunner;
}) {
  async function locked(trx: Trx, id: string): Promise<AccessPoint> {
    await lockRecord(trx, "access_point", id);
    return found(await selectAccessPoint(trx, id), "access point");
  }

  async function checked(trx: Trx, input: AccessPointCreate): Promise<AccessPointCreate> {
    if (input.fromAreaId === input.toAreaId) {
      throw refusal("invalid-request", "an access point leads from one area to another", {
        fields: [{ path: "body/toAreaId", message: "expected another area than `fromAreaId`" }],
      });
    }
    if (!(await isPresent(trx, "portal", input.portalId))) throw refusal("not-found", "no such door");
    for (const areaId of [input.fromAreaId, input.toAreaId]) {
      if (!(await isPresent(trx, "area", areaId))) throw refusal("not-found", "no such area");
    }
    return { ...input, name: input.name.trim() };
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof accessPointEndpoints.list>) {
      authorise(actor, "doors.read");
      return selectAccessPoints(db, query);
    },

    async read(actor: Actor, id: string): Promise<AccessPoint> {
      authorise(actor, "doors.read");
      return found(await selectAccessPoint(db, id), "access point");
    },

    /**
     * Throws `way-in-lost` if residents would stand before it: a direction without an access point is free, one with it
     * needs a rule. Rules for the area it leads into can be made first.
     */
    async create(author: StaffAuthor, input: AccessPointCreate): Promise<AccessPoint> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const id = randomUUID();
          const after = await checked(trx, input);
          await insertAccessPoint(trx, id, after);
          await touch("site");
          await record({
            action: "access-point.created",
            entity: "access-point",
            entityId: id,
            after: { ...after },
          });
          return found(await selectAccessPoint(trx, id), "access point");
        },
        { guarded: true },
      );
    },

    /** Throws `way-in-lost` if residents would lose a way in by a higher grade or another direction. */
    async update(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof accessPointEndpoints.update>,
    ): Promise<AccessPoint> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          demandPresent(before, "access point");
          demandFresh(before, input.revision);
          const { revision: _, ...fields } = input;
          const after = await checked(trx, fields);
          await updateAccessPoint(trx, id, after);
          await touch("site");
          await record({
            action: "access-point.changed",
            entity: "access-point",
            entityId: id,
            before: fieldsOf(before),
            after: { ...after },
          });
          return found(await selectAccessPoint(trx, id), "access point");
        },
        { guarded: true },
      );
    },

    /** Throws `in-use` while it has readers, `way-in-lost` if residents need it. */
    async remove(author: StaffAuthor, id: string): Promise<AccessPoint> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, at, touch, record }) => {
          const before = await locked(trx, id);
          if (before.removedAt !== undefined) return before;
          if ((await countReadersAt(trx, id)) > 0)
            throw refusal("in-use", "readers stand here: remove them first");
          await setRemoved(trx, "access_point", id, at);
          await touch("site");
          await record({
            action: "access-point.removed",
            entity: "access-point",
            entityId: id,
            before: fieldsOf(before),
          });
          return found(await selectAccessPoint(trx, id), "access point");
        },
        { guarded: true },
      );
    },

    /** Throws `way-in-lost` as creating one. */
    async restore(author: StaffAuthor, id: string): Promise<AccessPoint> {
      authorise(author.actor, "doors.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          if (before.removedAt === undefined) return before;
          await checked(trx, fieldsOf(before));
          await setRemoved(trx, "access_point", id, undefined);
          await touch("site");
          await record({
            action: "access-point.restored",
            entity: "access-point",
            entityId: id,
            after: fieldsOf(before),
          });
          return found(await selectAccessPoint(trx, id), "access point");
        },
        { guarded: true },
      );
    },
  };
}

function fieldsOf(point: AccessPoint) {
  const { portalId, name, fromAreaId, toAreaId, minimumGrade, cardAndPin } = point;
  return { portalId, name, fromAreaId, toAreaId, minimumGrade, ...optional("cardAndPin", cardAndPin) };
}
