import { Instant, localDateOf, type Reason } from "@menshen/domain";
import { type CommunityModel, localTimeAt, zoneTransitions } from "@menshen/policy";
import type { EventExplanation } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Database } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { StoredEvent } from "../../gate-link/index.ts";
import type { Directory } from "../directory/index.ts";
import type { ModelInForce } from "../publishing/index.ts";
import { scheduleDays } from "../schedules/index.ts";
import { eventView } from "./event-view.ts";
import { selectEvent, selectRuleNames } from "./events.store.ts";
import { remediesFor } from "./remedies.ts";

export interface ExplainDependencies {
  readonly db: Database;
  readonly directory: () => Promise<Directory>;
  readonly inForce: () => Promise<ModelInForce>;
}

export type ExplainService = ReturnType<typeof makeExplainService>;

type AccessBody = Extract<NonNullable<StoredEvent["entry"]>, { readonly kind: "access" }>["body"];
type RuleInQuestion = EventExplanation["rules"][number];

/**
 * "Why was this refused": the reasons that the gate wrote, the rules they name, what would have to change. Whose event it
 * was is not known here, so nothing is said about what other rules, or today's, would have decided.
 */
export function makeExplainService({ db, directory, inForce }: ExplainDependencies) {
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
      const { model } = await inForce();
      const local = localMoment(model.timeZone, event.at);
      const rules = await namedRules(body, model, local.localDate);
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
        ...local,
      };
    },
  };

  /** Rules that the reasons name, in their order. One that was removed since is not among them. */
  async function namedRules(
    body: AccessBody,
    model: CommunityModel,
    date: string,
  ): Promise<RuleInQuestion[]> {
    const numbers = [...new Set(body.reasons.map(ruleNumberIn))];
    const concerned = numbers.flatMap((number) => model.rules.filter((rule) => rule.number === number));
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
