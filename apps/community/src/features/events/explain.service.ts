import {
  AccessPointId,
  type CredentialKey,
  type Decision,
  type DoorState as DomainDoorState,
  Instant,
  localDateOf,
  type Reason,
} from "@menshen/domain";
import {
  type CommunityModel,
  decideFromModel,
  localTimeAt,
  snapshotLife,
  zoneTransitions,
} from "@menshen/policy";
import type { EventExplanation } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { GateLink, StoredEvent } from "../../gate-link/index.ts";
import type { ModelInForce } from "../publishing/index.ts";
import { leadsThrough, selects } from "../rules/index.ts";
import { scheduleDays } from "../schedules/index.ts";
import { selectCredentialBehind } from "../trail/index.ts";
import type { Directory } from "./directory.ts";
import { eventView } from "./event-view.ts";
import { selectEvent, selectRuleNames } from "./events.store.ts";
import { remediesFor } from "./remedies.ts";

export interface ExplainDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly directory: () => Promise<Directory>;
  readonly inForce: () => Promise<ModelInForce>;
  readonly gateLink: Pick<GateLink, "readGate">;
}

export type ExplainService = ReturnType<typeof makeExplainService>;

type AccessBody = Extract<NonNullable<StoredEvent["entry"]>, { readonly kind: "access" }>["body"];
type RuleInQuestion = EventExplanation["rules"][number];

const DAY_MS = 86_400_000;

/** "Why was this refused": the gate's reasons, the rules and schedules behind them, what would have to change. */
export function makeExplainService(dependencies: ExplainDependencies) {
  const { db, clock, directory, inForce, gateLink } = dependencies;

  async function doorNow(
    event: StoredEvent,
    accessPointId: string,
    model: CommunityModel,
  ): Promise<DomainDoorState> {
    const portalId = model.accessPoints.find((point) => point.id === accessPointId)?.portalId;
    const gate = await gateLink.readGate(event.gateId);
    const reported = gate.status?.portals.find((portal) => portal.portalId === portalId);
    const desired = model.modes.find((mode) => mode.portalId === portalId);
    return {
      mode: reported?.mode ?? desired?.mode ?? "normal",
      lockdown: reported?.lockdown ?? desired?.lockdown ?? 0,
      fireRelease: reported?.fireRelease ?? false,
    };
  }

  async function decisionNow(
    event: StoredEvent,
    body: AccessBody,
    { model, waivers }: ModelInForce,
    key: CredentialKey,
  ): Promise<Decision | undefined> {
    if (body.kind === undefined || body.grade === undefined) return undefined;
    const now = clock.now();
    return decideFromModel(
      model,
      { ...snapshotLife(now, Instant(now + DAY_MS)), waivers },
      { credentialKey: key, kind: body.kind, grade: body.grade, evidence: {} },
      AccessPointId(body.accessPointId),
      await doorNow(event, body.accessPointId, model),
      { earliest: now, latest: now },
    );
  }

  return {
    /** Throws `not-found`; `conflict` for an event that is no opening: nothing was decided there. */
    async why(
      actor: Actor,
      { gateId, sequence }: { readonly gateId: string; readonly sequence: number },
    ): Promise<EventExplanation> {
      authorise(actor, "events.read");
      const event = found(await selectEvent(db, gateId, sequence), "event");
      const { entry } = event;
      if (entry?.kind !== "access") throw refusal("conflict", "nothing was decided at this event");
      const { body } = entry;
      const held = await inForce();
      const { model } = held;
      // Nobody learns whose credential it is: only the rules see it.
      const credential = body.pseudonym && (await selectCredentialBehind(db, body.pseudonym, event.at));
      const local = localMoment(model.timeZone, event.at);
      const rules = await rulesInQuestion(body, model, credential?.personId, local.localDate);
      const now = credential && (await decisionNow(event, body, held, credential.key));
      const [rule] = rules;
      return {
        event: eventView(event, await directory()),
        reasons: [...body.reasons],
        rules,
        remedies: remediesFor(body.reasons, {
          ...optional("ruleId", rule?.ruleId),
          ...optional("scheduleId", rule?.scheduleId),
          ...optional("means", rule?.means),
        }),
        ...optional("now", now && { granted: now.granted, reasons: [...now.reasons] }),
        ...local,
      };
    },
  };

  /**
   * Rules that the reasons name; of a refusal then those that lead through this access point and select the holder.
   * Without a known holder only the named ones: any other rule would be a guess.
   */
  async function rulesInQuestion(
    body: AccessBody,
    model: CommunityModel,
    personId: string | undefined,
    date: string,
  ): Promise<RuleInQuestion[]> {
    const named = body.reasons.map(ruleNumberIn).filter((number) => number !== undefined);
    const point = model.accessPoints.find((candidate) => candidate.id === body.accessPointId);
    const buildingOf = new Map<string, string>(model.dwellings.map(({ id, buildingId }) => [id, buildingId]));
    const own = model.residencies.filter((residency) => residency.personId === personId);
    const concerned = model.rules.filter(
      (rule) =>
        named.includes(rule.number) ||
        (!body.granted &&
          point !== undefined &&
          leadsThrough(rule, point) &&
          own.some((residency) => selects(rule, residency, buildingOf))),
    );
    concerned.sort((a, b) => rank(a.number) - rank(b.number) || a.number - b.number);
    const names = await selectRuleNames(
      db,
      concerned.map((rule) => rule.id),
    );
    return concerned.map((rule): RuleInQuestion => {
      const schedule = model.schedules.find((candidate) => candidate.id === rule.scheduleId);
      const [day] =
        schedule === undefined ? [] : scheduleDays(schedule, model.holidays, { from: date, to: date });
      const label = names.get(rule.id);
      return {
        ruleId: rule.id,
        name: label?.name ?? "",
        ...optional("scheduleId", rule.scheduleId),
        ...optional("scheduleName", label?.scheduleName),
        ...optional("windows", day?.windows),
        minimumGrade: rule.minimumGrade,
        ...optional("means", rule.means && [...rule.means]),
      };
    });

    function rank(number: number): number {
      const index = named.indexOf(number);
      return index < 0 ? named.length : index;
    }
  }
}

function ruleNumberIn(reason: Reason): number | undefined {
  return "rule" in reason ? reason.rule : undefined;
}

function localMoment(
  timeZone: string,
  at: number,
): { readonly localDate: string; readonly localMinute: number } {
  const from = Instant(at);
  const until = Instant(at + 1);
  const local = localTimeAt(zoneTransitions(timeZone, from, until), until, from);
  return { localDate: localDateOf(local?.dayNumber ?? 0), localMinute: local?.minute ?? 0 };
}
