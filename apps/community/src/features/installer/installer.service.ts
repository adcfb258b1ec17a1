import { randomUUID } from "node:crypto";
import { GateId } from "@menshen/domain";
import type {
  BodyOf,
  CommandItem,
  GateWiring,
  Installation,
  installerEndpoints,
  TestWire,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { demandFresh, demandPresent, found, lockRecord, setRemoved } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { type GateLink, GateLinkError } from "../../gate-link/index.ts";
import type { CommandsService } from "../commands/index.ts";
import { insertGate, selectGate } from "../devices/index.ts";
import { selectPortal, selectPortals, selectReader, selectReaders } from "../doors/index.ts";
import { gateFile } from "./gate-file.ts";
import { readInstallation, wiringFault } from "./installation.ts";
import {
  insertTest,
  lockTest,
  moveToGate,
  selectReplaced,
  selectWiring,
  writeDiskLost,
  writeEnrolUrl,
  writeSeen,
  writeStoredUpTo,
  writeWiring,
} from "./installer.store.ts";

/** Long enough to walk to a reader and take off its cover. */
const INSTALL_WINDOW_MS = 10 * 60_000;
const OF_READERS: readonly TestWire[] = ["led", "sound", "tamper"];
const ALL = 500;

export interface InstallerDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "readGate" | "makeEnrolmentCode" | "revoke" | "lastPosition">;
  readonly commands: Pick<CommandsService, "install">;
}

export type InstallerService = ReturnType<typeof makeInstallerService>;

/** Sets gates up, tries every wire, and puts another box in the place of a broken one. */
export function makeInstallerService(dependencies: InstallerDependencies) {
  const { db, clock, change, gateLink, commands } = dependencies;
  const read = (gateId: string) => readInstallation({ db, gateLink, now: clock.now() }, gateId);

  async function demandGate(reader: Reader, gateId: string) {
    const gate = found(await selectGate(reader, gateId), "gate");
    demandPresent(gate, "gate");
    return gate;
  }

  return {
    async read(actor: Actor, gateId: string): Promise<Installation> {
      authorise(actor, "doors.read");
      return read(gateId);
    },

    /** Throws `invalid-request` for wires that cannot be, `stale-revision`. */
    async setWiring(
      author: StaffAuthor,
      gateId: string,
      { wiring, revision }: BodyOf<typeof installerEndpoints.setWiring>,
    ): Promise<Installation> {
      authorise(author.actor, "gates.write");
      await change(author, async ({ trx, record }) => {
        await lockRecord(trx, "gate", gateId);
        await demandGate(trx, gateId);
        const before = await selectWiring(trx, gateId);
        demandFresh(before, revision);
        const fault = wiringFault(wiring, ...(await ownIds(trx, gateId)));
        if (fault !== undefined) throw refusal("invalid-request", fault);
        await writeWiring(trx, gateId, wiring);
        await record({
          action: "gate.wired",
          entity: "gate",
          entityId: gateId,
          before: counts(before.wiring),
          after: counts(wiring),
        });
      });
      return read(gateId);
    },

    /** Throws `conflict` for a gate that was revoked, and for one that enrolled before its place was kept. */
    async configuration(author: StaffAuthor, gateId: string) {
      authorise(author.actor, "gates.write");
      const gate = await demandGate(db, gateId);
      const { enrolment } = await gateLink.readGate(GateId(gateId));
      // Recorded first: a code that was recorded but never made hurts nobody, the other way round does.
      await change(author, ({ record }) =>
        record({
          action: enrolment === "new" ? "gate.enrolment-code-made" : "gate.configuration-made",
          entity: "gate",
          entityId: gateId,
        }),
      );
      const code = enrolment === "new" ? await newCode(gateId) : undefined;
      if (code !== undefined) await writeEnrolUrl(db, gateId, code.enrolUrl);
      const { wiring, enrolUrl } = await selectWiring(db, gateId);
      if (enrolUrl === undefined || enrolment === "revoked") {
        throw refusal("conflict", "this gate was set up by hand or is shut out: its own file stays as it is");
      }
      const readers = (await selectReaders(db, { gateId, limit: ALL })).items;
      const file = gateFile({ wiring, readers, doorGroup: gate.doorGroup, enrolUrl, code: code?.code });
      return {
        fileName: "gate.json",
        text: `${JSON.stringify(file, null, 2)}\n`,
        ...(code === undefined ? {} : { code: code.code, codeUntil: code.expiresAt }),
      };
    },

    /** Throws `not-found` for a door or reader of another gate, `conflict` for a wire that is not there. */
    async startTest(
      author: StaffAuthor,
      gateId: string,
      { wire, subjectId }: BodyOf<typeof installerEndpoints.startTest>,
    ): Promise<Installation> {
      const fromPosition = await gateLink.lastPosition();
      const isOfReader = OF_READERS.includes(wire);
      await commands.install(
        author,
        async ({ trx }) => {
          await demandGate(trx, gateId);
          const subject = isOfReader
            ? await selectReader(trx, subjectId)
            : await selectPortal(trx, subjectId);
          if (subject?.gateId !== gateId) throw refusal("not-found", "no such door or reader at this gate");
          if (!isWired((await selectWiring(trx, gateId)).wiring, wire, subjectId)) {
            throw refusal("conflict", "nothing is wired there");
          }
          return {
            kind: "wire-test",
            gateId,
            wire,
            ...(isOfReader ? { readerId: subjectId } : { portalId: subjectId }),
          };
        },
        async ({ trx, at }, commandId) => {
          const { staffId } = author.actor;
          await insertTest(trx, { gateId, wire, subjectId, staffId, commandId, startedAt: at, fromPosition });
        },
      );
      return read(gateId);
    },

    /** Throws `conflict` for a test that is over. */
    async answerTest(author: StaffAuthor, id: string, seen: boolean): Promise<Installation> {
      authorise(author.actor, "gates.write");
      const gateId = await change(author, async ({ trx, record }) => {
        const test = found(await lockTest(trx, id), "test");
        if (test.settled !== undefined) throw refusal("conflict", "this test is over");
        await writeSeen(trx, id, seen);
        await record({
          action: "gate.wire-seen",
          entity: "gate",
          entityId: test.gateId,
          after: { wire: test.wire, seen },
        });
        return test.gateId;
      });
      return read(gateId);
    },

    /** Throws `invalid-request` for a window without a reader. A window is opened by a person, each time anew. */
    async command(
      author: StaffAuthor,
      gateId: string,
      { kind, readerId }: BodyOf<typeof installerEndpoints.command>,
    ): Promise<CommandItem> {
      if (kind === "install-window" && readerId === undefined) {
        throw refusal("invalid-request", "say which reader may take its key");
      }
      return commands.install(author, async ({ trx }) => {
        await demandGate(trx, gateId);
        if (kind === "self-test") return { kind, gateId };
        if (readerId === undefined) return { kind, gateId };
        if ((await selectReader(trx, readerId))?.gateId !== gateId) {
          throw refusal("not-found", "no such reader at this gate");
        }
        return { kind, gateId, readerId, ...(kind === "install-window" ? { forMs: INSTALL_WINDOW_MS } : {}) };
      });
    },

    /**
     * Puts a new box in the place of a broken one under its name, with its doors, readers, wiring and modes, and shuts the
     * old one out. Its records stay under the old one. Throws `conflict` for a gate that never was enrolled.
     */
    async replace(author: StaffAuthor, gateId: string): Promise<Installation> {
      authorise(author.actor, "gates.write");
      demandReason(author.reason);
      const { enrolment, status } = await gateLink.readGate(GateId(gateId));
      if (enrolment === "new") {
        throw refusal("conflict", "no box has this gate's place yet: set one up");
      }
      const next = await change(author, async ({ trx, at, touch, record }) => {
        await lockRecord(trx, "gate", gateId);
        const gate = await demandGate(trx, gateId);
        const id = randomUUID();
        await setRemoved(trx, "gate", gateId, at);
        await insertGate(trx, id, { name: gate.name, doorGroup: gate.doorGroup });
        const saidWaiting = status?.journalBacklog;
        await moveToGate(trx, gateId, id, { staffId: author.actor.staffId, at, saidWaiting });
        await touch("site");
        await record({
          action: "gate.replaced",
          entity: "gate",
          entityId: gateId,
          before: { name: gate.name },
          after: { name: gate.name, replacedBy: id },
        });
        return id;
      });
      // A crash before this leaves a box that has no doors any more; whoever opens the page can shut it out there.
      await gateLink.revoke(GateId(gateId));
      await writeStoredUpTo(db, gateId);
      return read(next);
    },

    /**
     * Records that nothing more will come from the disk of the box whose place this one took. Throws `not-found` for a
     * gate that took nobody's place, `conflict` if somebody said so already.
     */
    async diskLost(author: StaffAuthor, gateId: string): Promise<Installation> {
      authorise(author.actor, "gates.write");
      demandReason(author.reason);
      await change(author, async ({ trx, at, record }) => {
        await lockRecord(trx, "gate", gateId);
        await demandGate(trx, gateId);
        const replaced = found(await selectReplaced(trx, gateId), "replaced gate");
        if (replaced.journal.diskLost !== undefined) throw refusal("conflict", "somebody said so already");
        await writeDiskLost(trx, replaced.gateId, { staffId: author.actor.staffId, at });
        await record({
          action: "gate.disk-lost",
          entity: "gate",
          entityId: replaced.gateId,
          after: { recordsUpTo: replaced.journal.lastSequence },
        });
      });
      return read(gateId);
    },
  };

  async function newCode(gateId: string) {
    try {
      return await gateLink.makeEnrolmentCode(GateId(gateId));
    } catch (error) {
      if (error instanceof GateLinkError && (error.code === "already-enrolled" || error.code === "revoked")) {
        throw refusal("conflict", "this gate enrolled meanwhile");
      }
      throw error;
    }
  }
}

async function ownIds(db: Reader, gateId: string) {
  const portals = (await selectPortals(db, { gateId, limit: ALL })).items;
  const readers = (await selectReaders(db, { gateId, limit: ALL })).items;
  return [new Set(portals.map(({ id }) => id)), new Set(readers.map(({ id }) => id))] as const;
}

function isWired(wiring: GateWiring, wire: TestWire, subjectId: string): boolean {
  const portal = wiring.portals.find(({ portalId }) => portalId === subjectId);
  switch (wire) {
    case "led":
    case "sound":
    case "tamper":
      return wiring.readers.some(({ readerId }) => readerId === subjectId);
    case "lock":
      return portal !== undefined;
    case "contact":
      return portal?.contact !== undefined;
    case "exit":
      return portal?.exitButton !== undefined;
  }
}

const counts = ({ lines, readers, portals }: GateWiring) => ({
  lines: lines.length,
  readers: readers.length,
  doors: portals.length,
});
