import { GateId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { BodyOf, CommandItem, commandEndpoints, PortalCommand, QueryOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Trx } from "../../database/database.ts";
import { demandPresent, found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { selectArea, selectCountingGates, selectGatesOfArea, selectPortal } from "../doors/index.ts";
import { selectEvent } from "../events/index.ts";
import {
  endUnanswered,
  insertCommand,
  type NewCommand,
  selectCommand,
  selectCommands,
} from "./commands.store.ts";

/** A guard who pressed a button looks at the door for about so long; afterwards nothing may happen any more. */
const COMMAND_LIFE_MS = 10_000;
/** A gate that carried it out at the last moment gets so long for its answer. */
const ANSWER_GRACE_MS = 3_000;
const TICK_MS = 1_000;

export interface CommandsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "sendCommands" | "readGate">;
  readonly logger: Logger;
  /** What gates call a person in this epoch. */
  readonly holderOf: (personId: string) => Promise<Uint8Array | undefined>;
  /** Tells whoever watches how a command stands. */
  readonly announce: (frame: { readonly type: "command"; readonly data: CommandItem }) => void;
}

/** A call at a door's screen, and who took it. */
export interface HeardCall {
  readonly gateId: string;
  readonly readerId: string;
  readonly staffId: string;
}

export type CommandsService = ReturnType<typeof makeCommandsService>;

/** What staff tell gates to do at once or never. */
export function makeCommandsService(dependencies: CommandsDependencies) {
  const { db, clock, change, gateLink, logger, holderOf, announce } = dependencies;
  let timer: NodeJS.Timeout | undefined;
  const telling = new Set<Promise<void>>();

  function inBackground(work: Promise<void>): void {
    const logged = work.catch((error: unknown) => logger.error({ error }, "a command could not be followed"));
    telling.add(logged);
    void logged.then(() => telling.delete(logged));
  }

  async function tell(id: string): Promise<void> {
    const command = await selectCommand(db, id);
    if (command !== undefined) announce({ type: "command", data: command });
  }

  type Told = Pick<
    NewCommand,
    | "kind"
    | "gateId"
    | "portalId"
    | "areaId"
    | "sequence"
    | "count"
    | "holder"
    | "readerId"
    | "wire"
    | "forMs"
  >;

  /** Stores what `decide` says in its transaction, records it, and hands it to the gate after the commit. */
  async function give(
    author: StaffAuthor,
    decide: (scope: ChangeScope) => Promise<Told>,
    also?: (scope: ChangeScope, commandId: string) => Promise<void>,
  ): Promise<CommandItem> {
    demandReason(author.reason);
    const { id, gateId } = await change(author, async (scope) => {
      const told = await decide(scope);
      const commandId = await insertCommand(scope.trx, {
        ...told,
        staffId: author.actor.staffId,
        reasonCode: author.reason.code,
        reasonText: author.reason.text,
        requestedAt: scope.at,
        expiresAt: scope.at + COMMAND_LIFE_MS,
      });
      const { kind, portalId, areaId, sequence, count, readerId, wire } = told;
      await scope.record({
        action: "command.given",
        entity: "command",
        entityId: commandId,
        after: { kind, portalId, areaId, sequence, count, readerId, wire },
      });
      await also?.(scope, commandId);
      return { id: commandId, gateId: told.gateId };
    });
    inBackground(gateLink.sendCommands(GateId(gateId)));
    const command = found(await selectCommand(db, id), "command");
    announce({ type: "command", data: command });
    return command;
  }

  /** Somebody was refused for where the gates know them to be. */
  async function isKeptOut(trx: Trx, gateId: string, sequence: number): Promise<boolean> {
    const entry = (await selectEvent(trx, gateId, sequence))?.entry;
    return (
      entry?.kind === "access" &&
      !entry.body.granted &&
      entry.body.reasons.some(({ code }) => code === "anti-passback")
    );
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof commandEndpoints.list>) {
      authorise(actor, "events.read");
      return selectCommands(db, query);
    },

    async read(actor: Actor, id: string): Promise<CommandItem> {
      authorise(actor, "events.read");
      return found(await selectCommand(db, id), "command");
    },

    /**
     * A command about one door. Nothing that holds for others holds it up: whoever must let somebody out or in by hand
     * can, under lockdown too, and it is recorded.
     */
    async give(author: StaffAuthor, input: PortalCommand): Promise<CommandItem> {
      const isTest = input.kind === "relay-test" && author.actor.permissions.has("gates.write");
      authorise(author.actor, isTest ? "gates.write" : "doors.command");
      return give(author, async ({ trx }) => {
        const portal = found(await selectPortal(trx, input.portalId), "door");
        demandPresent(portal, "door");
        return { kind: input.kind, portalId: portal.id, gateId: portal.gateId };
      });
    },

    /** Goes to one gate at the area; gates tell each other. */
    async setCount(
      author: StaffAuthor,
      input: BodyOf<typeof commandEndpoints.setCount>,
    ): Promise<CommandItem> {
      authorise(author.actor, "doors.command");
      return give(author, async ({ trx }) => {
        const area = found(await selectArea(trx, input.areaId), "area");
        demandPresent(area, "area");
        const gateId = await listeningGate(await selectGatesOfArea(trx, area.id));
        return { kind: "set-count", areaId: area.id, count: input.count, gateId };
      });
    },

    /**
     * In the change of whoever took a call: the screen that called says so. The function that comes back hands it to the
     * gate; for after the commit. A screen whose gate is not there in time does not say it: it is no news then.
     */
    async answerCall({ trx, at }: Pick<ChangeScope, "trx" | "at">, call: HeardCall): Promise<() => void> {
      const { gateId, readerId, staffId } = call;
      await insertCommand(trx, {
        kind: "call-heard",
        gateId,
        readerId,
        staffId,
        reasonCode: "call",
        reasonText: undefined,
        requestedAt: at,
        expiresAt: at + COMMAND_LIFE_MS,
      });
      return () => inBackground(gateLink.sendCommands(GateId(gateId)));
    },

    /**
     * What an installer asks of a gate.
     *
     * @param also runs in the same transaction, with the command's id
     */
    async install(
      author: StaffAuthor,
      decide: (scope: ChangeScope) => Promise<Told>,
      also?: (scope: ChangeScope, commandId: string) => Promise<void>,
    ): Promise<CommandItem> {
      authorise(author.actor, "gates.write");
      return give(author, decide, also);
    },

    /** Goes to one gate with an area that has rules; gates tell each other. Who it was is kept nowhere. */
    async forgive(author: StaffAuthor, input: BodyOf<typeof commandEndpoints.forgive>): Promise<CommandItem> {
      authorise(author.actor, "doors.command");
      return give(author, async ({ trx }) => {
        const isThere = trx.selectFrom("person").select("id").where("id", "=", input.personId);
        found(await isThere.where("removed_at", "is", null).executeTakeFirst(), "person");
        const holder = found(await holderOf(input.personId), "token of this person");
        const gateId = await listeningGate(await selectCountingGates(trx));
        return { kind: "forgive", holder, gateId };
      });
    },

    /**
     * Goes to the gate that refused somebody: it alone knows who that was, for ten minutes. Throws `not-found` for what is
     * no refusal by the rules of areas.
     */
    async forgiveAtDoor(
      author: StaffAuthor,
      { gateId, sequence }: BodyOf<typeof commandEndpoints.forgiveAtDoor>,
    ): Promise<CommandItem> {
      authorise(author.actor, "doors.command");
      return give(author, async ({ trx }) => {
        if (!(await isKeptOut(trx, gateId, sequence))) throw refusal("not-found", "no such refusal");
        return { kind: "forgive", gateId, sequence };
      });
    },

    /** One stands otherwise than before. */
    changed: (id: string) => inBackground(tell(id)),

    /** Ends what nobody answered. */
    async review(): Promise<void> {
      for (const id of await endUnanswered(db, clock.now() - ANSWER_GRACE_MS)) await tell(id);
    },

    start(): void {
      timer ??= setInterval(() => inBackground(this.review()), TICK_MS);
      timer.unref();
    },

    async stop(): Promise<void> {
      clearInterval(timer);
      await Promise.all(telling);
    },
  };

  /** The first that is connected, or the first. */
  async function listeningGate(gateIds: readonly string[]): Promise<string> {
    for (const gateId of gateIds) {
      if ((await gateLink.readGate(GateId(gateId))).online) return gateId;
    }
    return found(gateIds[0], "gate at this area");
  }
}
