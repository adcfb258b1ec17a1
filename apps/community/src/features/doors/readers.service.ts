import { randomUUID } from "node:crypto";
import { GateId } from "@menshen/domain";
import type { BodyOf, QueryOf, Reader, ReaderCreate, readerEndpoints } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import { demandFresh, demandPresent, found, lockRecord, setRemoved } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { GateLink, GateState } from "../../gate-link/index.ts";
import {
  insertReader,
  isPresent,
  type ReaderRecord,
  selectReader,
  selectReaders,
  updateReader,
} from "./doors.store.ts";

export interface ReadersDependencies {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "readGate">;
}

export type ReadersService = ReturnType<typeof makeReadersService>;

/** Readers at doors and at the desk, and indoor units with inputs and outputs. */
export function makeReadersService({ db, change, gateLink }: ReadersDependencies) {
  async function locked(trx: Trx, id: string): Promise<ReaderRecord> {
    await lockRecord(trx, "reader", id);
    return found(await selectReader(trx, id), "reader");
  }

  async function checked(trx: Trx, input: ReaderCreate): Promise<ReaderCreate> {
    if (!(await isPresent(trx, "gate", input.gateId))) throw refusal("not-found", "no such gate");
    const standsAtDoor = input.kind !== "io" && input.kind !== "desk";
    if (standsAtDoor !== (input.accessPointId !== undefined)) {
      throw refusal(
        "invalid-request",
        "readers at doors name their access point, units and desk readers none",
        {
          fields: [{ path: "body/accessPointId", message: "expected for kinds osdp, pcsc and kiosk only" }],
        },
      );
    }
    if (input.accessPointId !== undefined && !(await isPresent(trx, "access_point", input.accessPointId))) {
      throw refusal("not-found", "no such access point");
    }
    return { ...input, name: input.name.trim() };
  }

  async function view(record: ReaderRecord): Promise<Reader> {
    return withLink(record, await gateLink.readGate(GateId(record.gateId)));
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof readerEndpoints.list>) {
      authorise(actor, "doors.read");
      const page = await selectReaders(db, query);
      const gateIds = [...new Set(page.items.map((reader) => reader.gateId))];
      const states = new Map<string, GateState>();
      for (const gateId of gateIds) states.set(gateId, await gateLink.readGate(GateId(gateId)));
      return { ...page, items: page.items.map((reader) => withLink(reader, states.get(reader.gateId))) };
    },

    async read(actor: Actor, id: string): Promise<Reader> {
      authorise(actor, "doors.read");
      return view(found(await selectReader(db, id), "reader"));
    },

    async create(author: StaffAuthor, input: ReaderCreate): Promise<Reader> {
      authorise(author.actor, "doors.write");
      const record = await change(author, async ({ trx, record: note }) => {
        const id = randomUUID();
        const after = await checked(trx, input);
        await insertReader(trx, id, after);
        await note({ action: "reader.created", entity: "reader", entityId: id, after: { ...after } });
        return found(await selectReader(trx, id), "reader");
      });
      return view(record);
    },

    async update(
      author: StaffAuthor,
      id: string,
      input: BodyOf<typeof readerEndpoints.update>,
    ): Promise<Reader> {
      authorise(author.actor, "doors.write");
      const record = await change(author, async ({ trx, record: note }) => {
        const before = await locked(trx, id);
        demandPresent(before, "reader");
        demandFresh(before, input.revision);
        const { revision: _, ...fields } = input;
        const after = await checked(trx, fields);
        await updateReader(trx, id, after);
        await note({
          action: "reader.changed",
          entity: "reader",
          entityId: id,
          before: fieldsOf(before),
          after: { ...after },
        });
        return found(await selectReader(trx, id), "reader");
      });
      return view(record);
    },

    async remove(author: StaffAuthor, id: string): Promise<Reader> {
      authorise(author.actor, "doors.write");
      const record = await change(author, async ({ trx, at, record: note }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        await setRemoved(trx, "reader", id, at);
        await note({ action: "reader.removed", entity: "reader", entityId: id, before: fieldsOf(before) });
        return found(await selectReader(trx, id), "reader");
      });
      return view(record);
    },

    async restore(author: StaffAuthor, id: string): Promise<Reader> {
      authorise(author.actor, "doors.write");
      const record = await change(author, async ({ trx, record: note }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await checked(trx, fieldsOf(before));
        await setRemoved(trx, "reader", id, undefined);
        await note({ action: "reader.restored", entity: "reader", entityId: id, after: fieldsOf(before) });
        return found(await selectReader(trx, id), "reader");
      });
      return view(record);
    },
  };
}

function fieldsOf(reader: ReaderRecord): ReaderCreate {
  const { gateId, name, kind, accessPointId } = reader;
  return { gateId, name, kind, ...(accessPointId === undefined ? {} : { accessPointId }) };
}

function withLink(reader: ReaderRecord, gate: GateState | undefined): Reader {
  const reported = gate?.status?.readers.find((candidate) => candidate.readerId === reader.id);
  if (gate === undefined || !gate.online || reported === undefined) return { ...reader, link: "unknown" };
  return {
    ...reader,
    link: reported.online ? "online" : "offline",
    secureChannel: reported.secureChannel === "own-key",
  };
}
