import { randomUUID } from "node:crypto";
import {
  COMMAND_STATES,
  type CommandState,
  type GateWiring,
  type OldJournal,
  PORTAL_EVENTS,
  READER_EVENTS,
  type SelfTestReport,
  TEST_WIRES,
  type TestWire,
  WIRE_OBSERVATIONS,
  WIRE_STATES,
  type WireObservation,
  type WireState,
} from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { EVENT_KIND_NUMBERS, HANDOVER_MS } from "../../gate-link/index.ts";
import type { Judged, Sighting } from "./judge-test.ts";

/** A test as stored, with what became of its command. */
export interface StoredTest {
  readonly id: string;
  readonly gateId: string;
  readonly wire: TestWire;
  readonly subjectId: string;
  readonly testedBy: string;
  readonly startedAt: number;
  readonly fromPosition: number;
  readonly seen: boolean | undefined;
  readonly command: {
    readonly state: CommandState;
    readonly wireState: WireState | undefined;
    readonly opened: boolean | undefined;
  };
  readonly settled:
    | {
        readonly outcome: "passed" | "failed";
        readonly observed: readonly WireObservation[];
        readonly elsewhere: readonly string[];
        readonly endedAt: number;
      }
    | undefined;
}

const NO_WIRING: GateWiring = { lines: [], readers: [], plugged: [], portals: [] };
/** More than a door shows in the minutes of a test; what is beyond tells nothing new. */
const SIGHTINGS = 200;

function oneOf<const Value extends string>(values: readonly Value[], text: string): Value {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new CommunityError("internal", "a stored word of a test is unknown");
  return value;
}

/** Nothing at revision 0 before the first was stored. */
export async function selectWiring(db: Reader, gateId: string) {
  const row = await db.selectFrom("gate_wiring").selectAll().where("gate_id", "=", gateId).executeTakeFirst();
  return {
    wiring: row?.wiring ?? NO_WIRING,
    revision: row?.revision ?? 0,
    enrolUrl: row?.enrol_url ?? undefined,
  };
}

export async function writeWiring(trx: Trx, gateId: string, wiring: GateWiring): Promise<void> {
  const text = JSON.stringify(wiring);
  await trx
    .insertInto("gate_wiring")
    .values({ gate_id: gateId, wiring: text, enrol_url: null })
    .onConflict((conflict) =>
      conflict.column("gate_id").doUpdateSet((eb) => ({
        wiring: text,
        revision: eb("gate_wiring.revision", "+", 1),
      })),
    )
    .execute();
}

export async function writeEnrolUrl(db: Reader, gateId: string, enrolUrl: string): Promise<void> {
  await db
    .insertInto("gate_wiring")
    .values({ gate_id: gateId, wiring: JSON.stringify(NO_WIRING), enrol_url: enrolUrl })
    .onConflict((conflict) => conflict.column("gate_id").doUpdateSet({ enrol_url: enrolUrl }))
    .execute();
}

export async function insertTest(
  trx: Trx,
  test: Pick<StoredTest, "gateId" | "wire" | "subjectId" | "startedAt" | "fromPosition"> & {
    readonly staffId: string;
    readonly commandId: string;
  },
): Promise<string> {
  const id = randomUUID();
  await trx
    .insertInto("wire_test")
    .values({
      id,
      gate_id: test.gateId,
      wire: test.wire,
      subject_id: test.subjectId,
      staff_id: test.staffId,
      started_at: moment(test.startedAt),
      from_position: test.fromPosition,
      command_id: test.commandId,
      seen: null,
      outcome: null,
      observed: null,
      elsewhere: null,
      ended_at: null,
    })
    .execute();
  return id;
}

function testsWithCommands(db: Reader) {
  return db
    .selectFrom("wire_test")
    .innerJoin("command", "command.id", "wire_test.command_id")
    .innerJoin("staff", "staff.id", "wire_test.staff_id")
    .selectAll("wire_test")
    .select(["command.state", "command.wire_state", "command.opened", "staff.display_name as staff_name"]);
}

function storedTest(
  row: Awaited<ReturnType<ReturnType<typeof testsWithCommands>["executeTakeFirstOrThrow"]>>,
): StoredTest {
  return {
    id: row.id,
    gateId: row.gate_id,
    wire: oneOf(TEST_WIRES, row.wire),
    subjectId: row.subject_id,
    testedBy: row.staff_name,
    startedAt: row.started_at,
    fromPosition: row.from_position,
    seen: row.seen ?? undefined,
    command: {
      state: oneOf(COMMAND_STATES, row.state),
      wireState: row.wire_state === null ? undefined : oneOf(WIRE_STATES, row.wire_state),
      opened: row.opened ?? undefined,
    },
    settled:
      row.outcome === null || row.ended_at === null
        ? undefined
        : {
            outcome: oneOf(["passed", "failed"], row.outcome),
            observed: (row.observed ?? []).map((word) => oneOf(WIRE_OBSERVATIONS, word)),
            elsewhere: row.elsewhere ?? [],
            endedAt: row.ended_at,
          },
  };
}

/** The newest test of each wire at a gate. */
export async function selectNewestTests(db: Reader, gateId: string): Promise<readonly StoredTest[]> {
  const rows = await testsWithCommands(db)
    .distinctOn(["wire_test.subject_id", "wire_test.wire"])
    .where("wire_test.gate_id", "=", gateId)
    .orderBy("wire_test.subject_id")
    .orderBy("wire_test.wire")
    .orderBy("wire_test.started_at", "desc")
    .execute();
  return rows.map(storedTest);
}

export async function lockTest(trx: Trx, id: string): Promise<StoredTest | undefined> {
  await trx.selectFrom("wire_test").select("id").where("id", "=", id).forUpdate().execute();
  const row = await testsWithCommands(trx).where("wire_test.id", "=", id).executeTakeFirst();
  return row && storedTest(row);
}

export async function writeSeen(trx: Trx, id: string, seen: boolean): Promise<void> {
  await trx.updateTable("wire_test").set({ seen }).where("id", "=", id).execute();
}

/** What a test showed in the end stays, whatever its door does later. */
export async function settleTest(db: Reader, id: string, judged: Judged, at: number): Promise<void> {
  await db
    .updateTable("wire_test")
    .set({
      outcome: judged.state,
      observed: [...judged.observed],
      elsewhere: [...judged.elsewhere],
      ended_at: moment(at),
    })
    .where("id", "=", id)
    .where("outcome", "is", null)
    .execute();
}

/** What a gate's journal says of its doors and readers since a position, in its order. */
export async function selectSightings(
  db: Reader,
  gateId: string,
  fromPosition: number,
  since: number,
): Promise<readonly Sighting[]> {
  const rows = await db
    .selectFrom("event")
    .select(["kind", "event", "subject"])
    .where("gate_id", "=", gateId)
    .where("kind", "in", [EVENT_KIND_NUMBERS.portal, EVENT_KIND_NUMBERS.reader])
    .where("position", ">", fromPosition)
    // Lets whole months be left out; a gate's clock may stand a little behind.
    .where("at", ">", moment(since - 3_600_000))
    .orderBy("position")
    .limit(SIGHTINGS)
    .execute();
  return rows.flatMap(({ kind, event, subject }) => {
    if (event === null || subject === null) return [];
    const name = kind === EVENT_KIND_NUMBERS.portal ? PORTAL_EVENTS[event] : READER_EVENTS[event];
    return name === undefined ? [] : [{ subjectId: subject, event: name }];
  });
}

export async function selectLastSelfTest(
  db: Reader,
  gateId: string,
): Promise<{ readonly at: number; readonly report: SelfTestReport } | undefined> {
  const row = await db
    .selectFrom("command")
    .select(["requested_at", "report"])
    .where("gate_id", "=", gateId)
    .where("kind", "=", "self-test")
    .where("report", "is not", null)
    .orderBy("requested_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.report === null) return undefined;
  return { at: row.requested_at, report: row.report };
}

/** Moves what hangs on one gate's box to another's. */
export async function moveToGate(
  trx: Trx,
  from: string,
  to: string,
  by: { readonly staffId: string; readonly at: number; readonly saidWaiting: number | undefined },
): Promise<void> {
  for (const table of ["portal", "reader"] as const) {
    await sql`update ${sql.table(table)} set gate_id = ${to}, revision = revision + 1 where gate_id = ${from}`.execute(
      trx,
    );
  }
  await sql`insert into gate_wiring (gate_id, wiring)
    select ${to}, wiring from gate_wiring where gate_id = ${from}`.execute(trx);
  await trx
    .insertInto("gate_replacement")
    .values({
      gate_id: from,
      replaced_by: to,
      staff_id: by.staffId,
      at: moment(by.at),
      said_waiting: by.saidWaiting ?? null,
      handed_over_at: null,
      disk_lost_by: null,
      disk_lost_at: null,
    })
    .execute();
}

/** Where the server's copy of a replaced gate's journal ends: called once that gate is shut out. */
export async function writeStoredUpTo(db: Reader, gateId: string): Promise<void> {
  await db
    .updateTable("gate_replacement")
    .set({
      stored_up_to: sql<number>`coalesce((select last_sequence from gate_journal where gate_journal.gate_id = ${gateId}), 0)`,
    })
    .where("gate_id", "=", gateId)
    .execute();
}

/** The gate whose place this one took, with what became of its journal. */
export async function selectReplaced(
  db: Reader,
  gateId: string,
): Promise<{ readonly gateId: string; readonly journal: OldJournal } | undefined> {
  const row = await db
    .selectFrom("gate_replacement")
    .leftJoin("gate_journal", "gate_journal.gate_id", "gate_replacement.gate_id")
    .leftJoin("staff", "staff.id", "gate_replacement.disk_lost_by")
    .selectAll("gate_replacement")
    .select(["gate_journal.last_sequence", "staff.display_name as lost_by"])
    .where("replaced_by", "=", gateId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { disk_lost_at: lostAt, lost_by: lostBy, handed_over_at: handedOverAt } = row;
  return {
    gateId: row.gate_id,
    journal: {
      replacedAt: row.at,
      storedUpTo: row.stored_up_to,
      lastSequence: row.last_sequence ?? 0,
      handedOver: row.handed_over,
      until: row.at + HANDOVER_MS,
      ...(row.said_waiting === null ? {} : { saidWaiting: row.said_waiting }),
      ...(handedOverAt === null ? {} : { handedOverAt }),
      ...(lostAt === null || lostBy === null ? {} : { diskLost: { at: lostAt, by: lostBy } }),
    },
  };
}

export async function writeDiskLost(
  trx: Trx,
  gateId: string,
  by: { readonly staffId: string; readonly at: number },
): Promise<void> {
  await trx
    .updateTable("gate_replacement")
    .set({ disk_lost_by: by.staffId, disk_lost_at: moment(by.at) })
    .where("gate_id", "=", gateId)
    .execute();
}
