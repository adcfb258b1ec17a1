import { GateId } from "@menshen/domain";
import type { BodyOf, ModeSet, modeEndpoints, PortalModeItem } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { type ChangeRunner, type ChangeScope, demandReason } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, lockRecord } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { isPresent } from "./doors.store.ts";
import { endsLockdown, takeSecondWord } from "./mode-requests.store.ts";
import { type DesiredMode, selectModes, selectPortalsInto, setOwnMode, settleModes } from "./modes.store.ts";

export interface ModesDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "readGate">;
}

const awaitsSecond = () =>
  refusal("second-person-needed", "asked: another person must do the same within ten minutes");

export type ModesService = ReturnType<typeof makeModesService>;

/**
 * Desired modes of doors. They are state with an end, not commands. The rule of paths and persons does not hold them
 * up: whoever locks a door in an emergency must not be asked to prove that everybody has another way.
 */
export function makeModesService({ db, clock, change, gateLink }: ModesDependencies) {
  async function views(modes: readonly DesiredMode[]): Promise<PortalModeItem[]> {
    const adopted = new Map<string, number>();
    for (const gateId of new Set(modes.map((mode) => mode.gateId))) {
      const gate = await gateLink.readGate(GateId(gateId));
      for (const portal of gate.status?.portals ?? []) adopted.set(portal.portalId, portal.generation);
    }
    const now = clock.now();
    return modes.map(({ gateId: _, own: __, ...mode }) => {
      const ended = mode.until !== undefined && mode.until <= now;
      const inForce = ended
        ? { portalId: mode.portalId, mode: "normal" as const, lockdown: 0, generation: mode.generation }
        : mode;
      return { ...inForce, adopted: (adopted.get(mode.portalId) ?? -1) >= mode.generation };
    });
  }

  function demandFuture(until: number | undefined): void {
    if (until !== undefined && until <= clock.now()) {
      throw refusal("invalid-request", "a mode ends in the future", {
        fields: [{ path: "body/until", message: "expected later than now" }],
      });
    }
  }

  async function store(
    scope: ChangeScope,
    before: DesiredMode,
    after: {
      readonly mode: DesiredMode["mode"];
      readonly lockdown: number;
      readonly until: number | undefined;
    },
  ): Promise<void> {
    await setOwnMode(scope.trx, { portalId: before.portalId, ...after });
    await scope.record({
      action: "mode.set",
      entity: "portal",
      entityId: before.portalId,
      before: { mode: before.own.mode, lockdown: before.own.lockdown, until: before.own.until },
      after,
    });
  }

  /** Whether another person said the same before; if not, that this one did is noted. */
  async function agreed(scope: ChangeScope, { actor }: StaffAuthor, wish: string): Promise<boolean> {
    if (await takeSecondWord(scope.trx, wish, actor.staffId, scope.at)) return true;
    await scope.record({ action: "lockdown.end-asked", entity: "mode", entityId: wish });
    return false;
  }

  return {
    async list(actor: Actor): Promise<PortalModeItem[]> {
      authorise(actor, "doors.read");
      return views(await selectModes(db));
    },

    /** Throws `second-person-needed` for the first who would take a lockdown back; the same by another person does it. */
    async set(author: StaffAuthor, portalId: string, input: ModeSet): Promise<PortalModeItem> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      demandFuture(input.until);
      const isDone = await change(author, async (scope) => {
        await lockRecord(scope.trx, "portal", portalId);
        const modes = await selectModes(scope.trx);
        const before = found(
          modes.find((mode) => mode.portalId === portalId),
          "door",
        );
        const lockdown = input.lockdown ?? before.own.lockdown;
        const { until } = input;
        const wish = `portal ${portalId} ${input.mode} ${lockdown}`;
        if (endsLockdown(before, { lockdown, until }, scope.at) && !(await agreed(scope, author, wish))) {
          return false;
        }
        await scope.touch("modes");
        await store(scope, before, { mode: input.mode, lockdown, until: input.until });
        await settleModes(scope.trx, [portalId], scope.at);
        return true;
      });
      if (!isDone) throw awaitsSecond();
      const [mode] = await views(
        (await selectModes(db)).filter((candidate) => candidate.portalId === portalId),
      );
      return found(mode, "door");
    },

    /**
     * Sets the lockdown level of every door, or of the doors into one area; their modes stay as they are. Throws
     * `second-person-needed` as {@link set} does.
     */
    async lockdown(
      author: StaffAuthor,
      input: BodyOf<typeof modeEndpoints.lockdown>,
    ): Promise<PortalModeItem[]> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      demandFuture(input.until);
      const portalIds = await change(author, async (scope) => {
        if (input.areaId !== undefined && !(await isPresent(scope.trx, "area", input.areaId))) {
          throw refusal("not-found", "no such area");
        }
        const concerned = new Set(await selectPortalsInto(scope.trx, input.areaId));
        const modes = (await selectModes(scope.trx)).filter((mode) => concerned.has(mode.portalId));
        const after = { lockdown: input.level, until: input.until };
        const wish = `lockdown ${input.areaId ?? "everywhere"} ${input.level}`;
        const isEnd = modes.some((before) => endsLockdown(before, after, scope.at));
        if (isEnd && !(await agreed(scope, author, wish))) return undefined;
        await scope.touch("modes");
        for (const before of modes) {
          await store(scope, before, { mode: before.own.mode, lockdown: input.level, until: input.until });
        }
        await settleModes(scope.trx, [...concerned], scope.at);
        return concerned;
      });
      if (portalIds === undefined) throw awaitsSecond();
      return views((await selectModes(db)).filter((mode) => portalIds.has(mode.portalId)));
    },
  };
}
