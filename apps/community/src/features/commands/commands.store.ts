import { randomUUID } from "node:crypto";
import {
  COMMAND_KINDS,
  COMMAND_REFUSALS,
  COMMAND_STATES,
  type CommandItem,
  type CommandKind,
  type CommandResult,
  type commandEndpoints,
  type QueryOf,
  type SelfTestReport,
  TEST_WIRES,
  type TestWire,
  uuidText,
  WIRE_STATES,
} from "@menshen/wire";
import { sql } from "kysely";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

const DEFAULT_LIMIT = 100;
const LOCKS = ["locked", "unlocked", "fault"] as const;

/** What is stored of a command when it is given. */
export interface NewCommand {
  readonly kind: CommandKind;
  readonly gateId: string;
  readonly portalId?: string;
  readonly areaId?: string;
  readonly readerId?: string;
  readonly count?: number;
  readonly sequence?: number;
  readonly holder?: Uint8Array;
  readonly wire?: TestWire;
  readonly forMs?: number;
  readonly staffId: string;
  readonly reasonCode: string;
  readonly reasonText: string | undefined;
  readonly requestedAt: number;
  readonly expiresAt: number;
}

/** A command as its gate must be told. */
export interface DueCommand {
  readonly id: string;
  readonly kind: CommandKind;
  readonly portalId: string | null;
  readonly areaId: string | null;
  readonly readerId: string | null;
  readonly count: number | null;
  readonly sequence: number | null;
  readonly holder: Uint8Array | null;
  readonly wire: TestWire | null;
  readonly forMs: number | null;
  readonly requestedAt: number;
  readonly expiresAt: number;
}

export async function insertCommand(trx: Trx, command: NewCommand): Promise<string> {
  const id = randomUUID();
  await trx
    .insertInto("command")
    .values({
      id,
      kind: command.kind,
      gate_id: command.gateId,
      portal_id: command.portalId ?? null,
      area_id: command.areaId ?? null,
      reader_id: command.readerId ?? null,
      count: command.count ?? null,
      unlock_ms: null,
      sequence: command.sequence ?? null,
      holder: command.holder ?? null,
      staff_id: command.staffId,
      reason_code: command.reasonCode,
      reason_text: command.reasonText ?? null,
      requested_at: moment(command.requestedAt),
      expires_at: moment(command.expiresAt),
      state: "waiting",
      refusal: null,
      answered_at: null,
      lock: null,
      opened: null,
      for_ms: command.forMs ?? null,
      wire: command.wire ?? null,
      wire_state: null,
      report: null,
    })
    .execute();
  return id;
}

function commandsWithNames(db: Reader) {
  return db
    .selectFrom("command")
    .innerJoin("gate", "gate.id", "command.gate_id")
    .innerJoin("staff", "staff.id", "command.staff_id")
    .leftJoin("portal", "portal.id", "command.portal_id")
    .leftJoin("area", "area.id", "command.area_id")
    .selectAll("command")
    .select([
      "gate.name as gate_name",
      "staff.display_name as staff_name",
      "portal.name as portal_name",
      "area.name as area_name",
    ]);
}

type CommandRow = Awaited<ReturnType<ReturnType<typeof commandsWithNames>["executeTakeFirstOrThrow"]>>;

function commandView(row: CommandRow): CommandItem {
  return {
    id: row.id,
    kind: parse(COMMAND_KINDS, row.kind),
    gateId: row.gate_id,
    gateName: row.gate_name,
    ...optional("portalId", row.portal_id),
    ...optional("portalName", row.portal_name),
    ...optional("areaId", row.area_id),
    ...optional("areaName", row.area_name),
    ...optional("readerId", row.reader_id),
    ...optional("sequence", row.sequence),
    ...optional("count", row.count),
    ...optional("unlockMs", row.unlock_ms),
    requestedBy: row.staff_name,
    reasonCode: row.reason_code,
    ...optional("reasonText", row.reason_text),
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    state: parse(COMMAND_STATES, row.state),
    ...optional("refusal", row.refusal === null ? null : parse(COMMAND_REFUSALS, row.refusal)),
    ...optional("answeredAt", row.answered_at),
    ...optional("lock", row.lock === null ? null : parse(LOCKS, row.lock)),
    ...optional("opened", row.opened),
    ...optional("wire", row.wire === null ? null : parse(TEST_WIRES, row.wire)),
    ...optional("wireState", row.wire_state === null ? null : parse(WIRE_STATES, row.wire_state)),
    ...optional("report", row.report),
  };
}

function parse<const Value extends string>(values: readonly Value[], text: string): Value {
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new CommunityError("internal", "a stored word of a command is unknown");
  return value;
}

export async function selectCommand(db: Reader, id: string): Promise<CommandItem | undefined> {
  const row = await commandsWithNames(db).where("command.id", "=", id).executeTakeFirst();
  return row && commandView(row);
}

/** Newest first. */
export async function selectCommands(db: Reader, query: QueryOf<typeof commandEndpoints.list>) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = commandsWithNames(db)
    .orderBy("command.requested_at", "desc")
    .orderBy("command.id", "desc")
    .limit(limit + 1);
  if (query.portalId !== undefined) select = select.where("command.portal_id", "=", query.portalId);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ["number", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("command.requested_at", "command.id"), "<", eb.tuple(moment(at), eb.val(id))),
    );
  }
  const { rows, ...page } = cutPage(await select.execute(), limit, (row) => [row.requested_at, row.id]);
  return { items: rows.map(commandView), ...page };
}

/** Commands of a gate that are neither answered nor over at `now`, in the order in which they were given. */
export async function selectDue(db: Reader, gateId: string, now: number): Promise<readonly DueCommand[]> {
  const rows = await db
    .selectFrom("command")
    .selectAll()
    .where("gate_id", "=", gateId)
    .where("state", "in", ["waiting", "sent"])
    .where("expires_at", ">", moment(now))
    .orderBy("requested_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: parse(COMMAND_KINDS, row.kind),
    portalId: row.portal_id,
    areaId: row.area_id,
    readerId: row.reader_id,
    count: row.count,
    sequence: row.sequence,
    holder: row.holder,
    wire: row.wire === null ? null : parse(TEST_WIRES, row.wire),
    forMs: row.for_ms,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
  }));
}

/** True if it was waiting until now. */
export async function markSent(db: Reader, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("command")
    .set({ state: "sent" })
    .where("id", "=", id)
    .where("state", "=", "waiting")
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

function reportView({ isRunning, tested, faults }: NonNullable<CommandResult["report"]>): SelfTestReport {
  return {
    isRunning,
    tested,
    faults: faults.map(({ code, subject, value }) => ({
      code,
      ...(subject === undefined ? {} : { subject: uuidText(subject) }),
      ...optional("value", value),
    })),
  };
}

/**
 * Takes a gate's word about a command of its own; what it says later adds to it, and one that came back from the dead
 * may still say what it did. True if that was news.
 */
export async function writeResult(db: Reader, result: CommandResult, at: number): Promise<boolean> {
  const id = uuidText(result.commandId);
  const { numUpdatedRows } = await db
    .updateTable("command")
    .set((eb) => ({
      state: result.outcome,
      refusal: result.refusal ?? null,
      answered_at: eb.fn.coalesce("answered_at", moment(at)),
      lock: result.lock ?? null,
      opened: result.opened ?? null,
      wire_state: result.wire ?? null,
      report: result.report === undefined ? null : JSON.stringify(reportView(result.report)),
      holder: null,
    }))
    .where("id", "=", id)
    .where("gate_id", "=", result.gateId)
    // The gate's last word stands: it says the same again after each connect.
    .where((eb) =>
      eb.or([
        eb("state", "in", ["waiting", "sent", "unanswered"]),
        eb.and([
          eb("state", "=", result.outcome),
          eb("opened", "is", null),
          eb.val(result.opened !== undefined),
        ]),
        // Of a test it says more than once how far it is, in order.
        eb.and([
          eb("state", "=", result.outcome),
          eb.val(result.wire !== undefined || result.report !== undefined),
          eb.or([
            eb("wire_state", "is distinct from", result.wire ?? null),
            eb(sql`coalesce((report->>'isRunning')::boolean, true)`, "=", true),
          ]),
        ]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/**
 * Ends commands whose time was over at `before` without an answer; answers their ids. One that was never sent is
 * `late`: its gate did nothing, and will do nothing.
 */
export async function endUnanswered(db: Reader, before: number): Promise<readonly string[]> {
  const rows = await db
    .updateTable("command")
    .set((eb) => ({
      state: eb.case().when("state", "=", "waiting").then("late").else("unanswered").end(),
      holder: null,
    }))
    .where("state", "in", ["waiting", "sent"])
    .where("expires_at", "<=", moment(before))
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}
