import type { Logger } from "@menshen/service-kit";
import type { BodyOf, Lockdown, LockdownNews, lockdownEndpoints, QueryOf } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { demandAnother } from "../../authority/second-person.ts";
import {
  type ChangeAuthor,
  type ChangeRunner,
  type ChangeScope,
  demandReason,
} from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { demandPresent, found } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { selectModes, settleModes } from "../doors/index.ts";
import {
  END_REQUEST_MS,
  insertLockdown,
  type StoredLockdown,
  selectLockdown,
  selectLockdowns,
  selectOverdue,
  writeEnd,
  writeEndRequest,
} from "./lockdowns.store.ts";
import { selectPlan, selectPlannedPortals } from "./plans.store.ts";

const TICK_MS = 1_000;
const MINUTE_MS = 60_000;
/** The server ends what its time ends; nobody asked it to. */
const BY_TIME: ChangeAuthor = { actor: undefined, reason: { code: "routine" } };

export interface LockdownsDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly gateLink: Pick<GateLink, "readGates">;
  readonly logger: Logger;
  readonly announce: (frame: { readonly type: "lockdown"; readonly data: LockdownNews }) => void;
}

export type LockdownsService = ReturnType<typeof makeLockdownsService>;

/**
 * Lockdowns that run: one person starts a plan, time or two persons end it. What gates hear are modes with an end, so
 * that one which lost its server ends the lockdown by its own clock.
 */
export function makeLockdownsService(dependencies: LockdownsDependencies) {
  const { db, clock, change, gateLink, logger, announce } = dependencies;
  let timer: NodeJS.Timeout | undefined;
  let reviewing: Promise<void> | undefined;

  async function views(lockdowns: readonly StoredLockdown[], actor: Actor): Promise<Lockdown[]> {
    const adopted = new Set<string>();
    if (lockdowns.some(({ drill, ended }) => !drill && ended === undefined)) {
      const told = new Map(
        (await gateLink.readGates()).flatMap(({ status }) =>
          (status?.portals ?? []).map(({ portalId, generation }) => [String(portalId), generation] as const),
        ),
      );
      for (const { portalId, generation } of await selectModes(db)) {
        if ((told.get(portalId) ?? -1) >= generation) adopted.add(portalId);
      }
    }
    const now = clock.now();
    return lockdowns.map(({ endAsked, ...lockdown }) => ({
      ...lockdown,
      adoptedCount: lockdown.drill ? 0 : lockdown.portalIds.filter((id) => adopted.has(id)).length,
      ...(endAsked === undefined || now >= endAsked.at + END_REQUEST_MS
        ? {}
        : {
            endRequest: {
              by: endAsked.by,
              own: endAsked.staffId === actor.staffId,
              at: endAsked.at,
              expiresAt: endAsked.at + END_REQUEST_MS,
            },
          }),
    }));
  }

  async function view(id: string, actor: Actor): Promise<Lockdown> {
    const lockdown = found(await selectLockdown(db, id), "lockdown");
    return found((await views([lockdown], actor))[0], "lockdown");
  }

  async function end(
    { trx, at, touch, record }: ChangeScope,
    lockdown: StoredLockdown,
    how: "time" | "early",
    agreedBy?: string,
  ): Promise<void> {
    await writeEnd(trx, lockdown.id, { at, how, ...(agreedBy === undefined ? {} : { agreedBy }) });
    if (!lockdown.drill) {
      await settleModes(trx, lockdown.portalIds, at);
      await touch("modes");
    }
    await record({
      action: "lockdown.ended",
      entity: "lockdown",
      entityId: lockdown.id,
      after: { name: lockdown.name, drill: lockdown.drill, how },
    });
  }

  async function endOverdue(): Promise<void> {
    for (const id of await selectOverdue(db, clock.now())) {
      await change(BY_TIME, async (scope) => {
        const lockdown = await selectLockdown(scope.trx, id, true);
        if (lockdown !== undefined && lockdown.ended === undefined) await end(scope, lockdown, "time");
      });
      announce({ type: "lockdown", data: { id, what: "lockdown" } });
    }
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof lockdownEndpoints.list>) {
      authorise(actor, "doors.read");
      const { items, ...page } = await selectLockdowns(db, query);
      return { items: await views(items, actor), ...page };
    },

    /** Throws `conflict` if the same plan runs already; a drill beside it does not count. */
    async start(author: StaffAuthor, input: BodyOf<typeof lockdownEndpoints.start>): Promise<Lockdown> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      const id = await change(author, async ({ trx, at, touch, record }) => {
        await trx
          .selectFrom("lockdown_plan")
          .select("id")
          .where("id", "=", input.planId)
          .forUpdate()
          .execute();
        const plan = found(await selectPlan(trx, input.planId), "plan");
        demandPresent(plan, "plan");
        const { items: running } = await selectLockdowns(trx, { active: true, limit: 500 });
        if (
          running.some(
            ({ planId, drill, until }) => planId === plan.id && drill === input.drill && until > at,
          )
        ) {
          throw refusal("conflict", "this plan runs already");
        }
        const portalIds = [...(await selectPlannedPortals(trx, plan.portalIds))];
        const until = at + (input.durationMinutes ?? plan.durationMinutes) * MINUTE_MS;
        const { drill } = input;
        const { name, rank, level, instruction } = plan;
        const lockdownId = await insertLockdown(trx, {
          ...{ planId: plan.id, name, rank, level, instruction, drill, portalIds, until },
          staffId: author.actor.staffId,
          reasonCode: author.reason.code,
          reasonText: author.reason.text,
          startedAt: at,
        });
        if (!drill) {
          await settleModes(trx, portalIds, at);
          await touch("modes");
        }
        await record({
          action: "lockdown.started",
          entity: "lockdown",
          entityId: lockdownId,
          after: { name, level, drill, doors: portalIds.length, until },
        });
        return lockdownId;
      });
      announce({ type: "lockdown", data: { id, what: "lockdown" } });
      return view(id, author.actor);
    },

    /** The first asks, somebody else agrees. Throws `second-person-needed`, or `conflict` once it has ended. */
    async end(author: StaffAuthor, id: string): Promise<Lockdown> {
      authorise(author.actor, "modes.write");
      demandReason(author.reason);
      await change(author, async (scope) => {
        const lockdown = found(await selectLockdown(scope.trx, id, true), "lockdown");
        if (lockdown.ended !== undefined) throw refusal("conflict", "it has ended");
        const { staffId } = author.actor;
        const asked = lockdown.endAsked;
        const isAsked = asked !== undefined && scope.at < asked.at + END_REQUEST_MS;
        if (isAsked) demandAnother(author.actor, asked.staffId);
        if (!isAsked) {
          await writeEndRequest(scope.trx, id, { staffId, at: scope.at });
          if (!lockdown.drill) {
            await scope.record({ action: "lockdown.end-asked", entity: "lockdown", entityId: id });
            return;
          }
        }
        await end(scope, lockdown, "early", isAsked ? staffId : undefined);
      });
      announce({ type: "lockdown", data: { id, what: "lockdown" } });
      return view(id, author.actor);
    },

    /** Takes the request to end it back, whoever made it. */
    async keep(author: StaffAuthor, id: string): Promise<Lockdown> {
      authorise(author.actor, "modes.write");
      await change(author, async ({ trx, record }) => {
        const lockdown = found(await selectLockdown(trx, id, true), "lockdown");
        if (lockdown.endAsked === undefined) return;
        await writeEndRequest(trx, id, undefined);
        await record({ action: "lockdown.kept", entity: "lockdown", entityId: id });
      });
      announce({ type: "lockdown", data: { id, what: "lockdown" } });
      return view(id, author.actor);
    },

    /** Ends what is over; called again while it runs, it answers with the same run. */
    review(): Promise<void> {
      reviewing ??= endOverdue().finally(() => {
        reviewing = undefined;
      });
      return reviewing;
    },

    startTimer(): void {
      timer ??= setInterval(() => {
        this.review().catch((error: unknown) => logger.error({ error }, "lockdowns could not be ended"));
      }, TICK_MS);
      timer.unref();
    },

    async stop(): Promise<void> {
      clearInterval(timer);
      await reviewing?.catch(() => undefined);
    },
  };
}
