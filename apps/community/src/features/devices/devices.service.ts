import { randomUUID } from "node:crypto";
import { GateId } from "@menshen/domain";
import type {
  BodyOf,
  EnrolmentCode,
  Gate,
  GateCreate,
  GateDetail,
  gateEndpoints,
  HealthFinding,
  QueryOf,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  optional,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { type GateLink, GateLinkError } from "../../gate-link/index.ts";
import { vendorOfGate } from "../vendors/index.ts";
import { clearForks, lockAlarm, setAlarmCleared, setRereading } from "./alarms.store.ts";
import { findingsOf, seenBy, sortFindings } from "./findings.ts";
import { gateDetail, gateView } from "./gate-view.ts";
import {
  countAttached,
  type GateRecord,
  insertGate,
  selectAllGates,
  selectGate,
  selectGates,
  selectSubjectNames,
  updateGate,
  updateVendor,
} from "./gates.store.ts";

export interface DevicesDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly gateLink: GateLink;
  /** Findings that no single gate is behind, e.g. of the policy. */
  readonly otherFindings: () => Promise<readonly HealthFinding[]>;
}

const NAME_TAKEN = "another gate has this name";

export type DevicesService = ReturnType<typeof makeDevicesService>;

/** Gates: named, installed, watched, disconnected for good. */
export function makeDevicesService(dependencies: DevicesDependencies) {
  const { db, clock, change, gateLink } = dependencies;

  async function view(record: GateRecord): Promise<Gate> {
    return gateView(record, await gateLink.readGate(GateId(record.id)));
  }

  async function detail(actor: Actor, id: string): Promise<GateDetail> {
    const record = found(await selectGate(db, id), "gate");
    const state = await gateLink.readGate(GateId(id));
    const names = await selectSubjectNames(db);
    const findings = sortFindings(findingsOf(record, state, names, clock.now()));
    return gateDetail(record, state, names, [...seenBy(actor, findings)]);
  }

  async function locked(trx: Trx, id: string): Promise<GateRecord> {
    await lockRecord(trx, "gate", id);
    return found(await selectGate(trx, id), "gate");
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof gateEndpoints.list>) {
      authorise(actor, "doors.read");
      const page = await selectGates(db, query);
      return { ...page, items: await Promise.all(page.items.map(view)) };
    },

    async read(actor: Actor, id: string): Promise<Gate> {
      authorise(actor, "doors.read");
      return view(found(await selectGate(db, id), "gate"));
    },

    /** Throws `conflict` for a vendor that leaves, whose page is incomplete, or whom the owners did not vote for. */
    async create(author: StaffAuthor, input: GateCreate): Promise<Gate> {
      authorise(author.actor, "gates.write");
      const record = await change(author, async ({ trx, at, record: note }) => {
        const id = randomUUID();
        const vendorId = await vendorOfGate(trx, input.vendorId, at);
        const after = {
          name: input.name.trim(),
          doorGroup: input.doorGroup,
          ...optional("vendorId", vendorId),
        };
        await unlessTaken(insertGate(trx, id, after), NAME_TAKEN);
        await note({ action: "gate.created", entity: "gate", entityId: id, after });
        return found(await selectGate(trx, id), "gate");
      });
      return view(record);
    },

    async update(author: StaffAuthor, id: string, input: BodyOf<typeof gateEndpoints.update>): Promise<Gate> {
      authorise(author.actor, "gates.write");
      const record = await change(author, async ({ trx, touch, record: note }) => {
        const before = await locked(trx, id);
        demandPresent(before, "gate");
        demandFresh(before, input.revision);
        const after = { name: input.name.trim(), doorGroup: input.doorGroup };
        await unlessTaken(updateGate(trx, id, after), NAME_TAKEN);
        // Another door group means other card keys in the gate's keyring.
        await touch("site");
        await note({
          action: "gate.changed",
          entity: "gate",
          entityId: id,
          before: { name: before.name, doorGroup: before.doorGroup },
          after,
        });
        return found(await selectGate(trx, id), "gate");
      });
      return view(record);
    },

    /** Throws `in-use` while doors or readers hang on it. */
    async remove(author: StaffAuthor, id: string): Promise<Gate> {
      authorise(author.actor, "gates.write");
      const record = await change(author, async ({ trx, at, record: note }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        if ((await countAttached(trx, id)) > 0)
          throw refusal("in-use", "doors or readers still hang on this gate");
        await setRemoved(trx, "gate", id, at);
        await note({ action: "gate.removed", entity: "gate", entityId: id, before: { name: before.name } });
        return found(await selectGate(trx, id), "gate");
      });
      return view(record);
    },

    async restore(author: StaffAuthor, id: string): Promise<Gate> {
      authorise(author.actor, "gates.write");
      const record = await change(author, async ({ trx, record: note }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await unlessTaken(setRemoved(trx, "gate", id, undefined), NAME_TAKEN);
        await note({ action: "gate.restored", entity: "gate", entityId: id, after: { name: before.name } });
        return found(await selectGate(trx, id), "gate");
      });
      return view(record);
    },

    /**
     * Throws `conflict` for a gate that is enrolled or was revoked: a box that lost its key is a new gate; and for one
     * whose vendor may install nothing.
     */
    async makeEnrolmentCode(author: StaffAuthor, id: string): Promise<EnrolmentCode> {
      authorise(author.actor, "gates.write");
      // Recorded first: a code that was recorded but never made hurts nobody, the other way round does.
      await change(author, async ({ trx, at, record: note }) => {
        const gate = await locked(trx, id);
        demandPresent(gate, "gate");
        await updateVendor(trx, id, await vendorOfGate(trx, gate.vendorId, at));
        await note({ action: "gate.enrolment-code-made", entity: "gate", entityId: id });
      });
      try {
        return { ...(await gateLink.makeEnrolmentCode(GateId(id))) };
      } catch (error) {
        if (
          error instanceof GateLinkError &&
          (error.code === "already-enrolled" || error.code === "revoked")
        ) {
          throw refusal("conflict", "this gate is enrolled already or was revoked: make a new one");
        }
        throw error;
      }
    },

    /** For good. */
    async revoke(author: StaffAuthor, id: string): Promise<Gate> {
      authorise(author.actor, "gates.write");
      demandReason(author.reason);
      const record = await change(author, async ({ trx, record: note }) => {
        const before = await locked(trx, id);
        await note({ action: "gate.revoked", entity: "gate", entityId: id, before: { name: before.name } });
        return before;
      });
      await gateLink.revoke(GateId(id));
      return view(record);
    },

    /** Somebody looked into it. Throws `not-found`; an alarm that is cleared already stays as it is. */
    async clearAlarm(author: StaffAuthor, id: string, alarmId: number): Promise<GateDetail> {
      authorise(author.actor, "gates.write");
      demandReason(author.reason);
      await change(author, async ({ trx, at, record: note }) => {
        const alarm = found(await lockAlarm(trx, id, alarmId), "alarm");
        if (alarm.cleared_at !== null) return;
        await setAlarmCleared(trx, alarmId, at);
        const { kind, sequence, times } = alarm;
        await note({
          action: "gate.alarm-cleared",
          entity: "gate",
          entityId: id,
          before: { kind, sequence, times },
        });
      });
      return detail(author.actor, id);
    },

    /**
     * The gate's journal counts as it is, whatever was stored of it. Throws `conflict` unless the two contradict each
     * other: whatever else is missing is asked for without anybody's doing.
     */
    async acceptJournal(author: StaffAuthor, id: string): Promise<GateDetail> {
      authorise(author.actor, "gates.write");
      demandReason(author.reason);
      await change(author, async ({ trx, at, record: note }) => {
        demandPresent(await locked(trx, id), "gate");
        if ((await clearForks(trx, id, at)) === 0) {
          throw refusal("conflict", "the gate's journal and the records here do not contradict each other");
        }
        const lastSequence = await setRereading(trx, id, at);
        await note({
          action: "gate.journal-accepted",
          entity: "gate",
          entityId: id,
          before: { lastSequence },
        });
      });
      gateLink.reconnect(GateId(id));
      return detail(author.actor, id);
    },

    async status(actor: Actor, id: string): Promise<GateDetail> {
      authorise(actor, "doors.read");
      return detail(actor, id);
    },

    async findings(actor: Actor): Promise<HealthFinding[]> {
      authorise(actor, "doors.read");
      return [...seenBy(actor, await collectFindings(dependencies))];
    },
  };
}

/** Everything that someone should look at, most severe first. */
export async function collectFindings(
  dependencies: Pick<DevicesDependencies, "db" | "clock" | "gateLink" | "otherFindings">,
): Promise<HealthFinding[]> {
  const { db, clock, gateLink } = dependencies;
  const states = new Map((await gateLink.readGates()).map((state) => [String(state.gateId), state]));
  const names = await selectSubjectNames(db);
  const gates = await selectAllGates(db);
  const now = clock.now();
  const ofGates = await Promise.all(
    gates.map(async (gate) =>
      findingsOf(gate, states.get(gate.id) ?? (await gateLink.readGate(GateId(gate.id))), names, now),
    ),
  );
  return sortFindings([...ofGates.flat(), ...(await dependencies.otherFindings())]);
}
