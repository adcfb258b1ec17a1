import { randomUUID } from "node:crypto";
import { type AccessRule, DomainError, parseAccessRule, type Validity } from "@menshen/domain";
import type { BodyOf, QueryOf, ResponseOf, Rule, RuleCreate, ruleEndpoints, ViewReason } from "@menshen/wire";
import { type Actor, authorise, mayName, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { PolicyCheck } from "../publishing/index.ts";
import { selects } from "./matching.ts";
import {
  insertRule,
  ruleFields,
  selectPresentIds,
  selectRule,
  selectRules,
  updateRule,
} from "./rules.store.ts";

export interface RulesDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly policy: PolicyCheck;
}

const NAME_TAKEN = "another rule has this name";
/** Larger than any rule number in use; the reader of a dry run never sees it. */
const DRY_RUN_NUMBER = 0xffff_ffff;

export type RulesService = ReturnType<typeof makeRulesService>;

/** Access rules: who may pass where, when, by which means. */
export function makeRulesService({ db, clock, change, policy }: RulesDependencies) {
  async function locked(trx: Trx, id: string): Promise<Rule> {
    await lockRecord(trx, "access_rule", id);
    return found(await selectRule(trx, id), "rule");
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof ruleEndpoints.list>) {
      authorise(actor, "rules.read");
      return selectRules(db, query);
    },

    async read(actor: Actor, id: string): Promise<Rule> {
      authorise(actor, "rules.read");
      return found(await selectRule(db, id), "rule");
    },

    /** What a change would do, without doing it. */
    async check(
      actor: Actor,
      viewReason: ViewReason | undefined,
      input: BodyOf<typeof ruleEndpoints.check>,
    ): Promise<ResponseOf<typeof ruleEndpoints.check>> {
      authorise(actor, "rules.read");
      const rule = input.rule === undefined ? undefined : parse(input.id ?? randomUUID(), input.rule);
      if (rule !== undefined) await demandReferences(db, rule);
      const model = await policy.current();
      const existing = model.rules.find((candidate) => candidate.id === input.id);
      if (input.id !== undefined && existing === undefined) throw refusal("not-found", "no such rule");
      const others = model.rules.filter((candidate) => candidate !== existing);
      const rules =
        rule === undefined ? others : [...others, { ...rule, number: existing?.number ?? DRY_RUN_NUMBER }];
      const showNames = mayName(actor, viewReason);
      const judgement = await policy.judge({ ...model, rules }, model, showNames);
      const at = clock.now();
      const buildingOf = new Map<string, string>(
        model.dwellings.map(({ id, buildingId }) => [id, buildingId]),
      );
      const matched = model.residencies.filter(
        (residency) =>
          rule !== undefined && holdsAt(residency.validity, at) && selects(rule, residency, buildingOf),
      );
      return { ...judgement, personCount: new Set(matched.map((residency) => residency.personId)).size };
    },

    /** Throws `invalid-request`, `not-found` for what it refers to, `conflict`, `way-in-lost`. */
    async create(author: StaffAuthor, input: RuleCreate): Promise<Rule> {
      authorise(author.actor, "rules.write");
      const rule = parse(randomUUID(), input);
      return change(
        author,
        async ({ trx, touch, record }) => {
          await demandReferences(trx, rule);
          await unlessTaken(insertRule(trx, rule), NAME_TAKEN);
          await touch("rules");
          await record({
            action: "rule.created",
            entity: "rule",
            entityId: rule.id,
            after: { ...ruleFields(rule) },
          });
          return found(await selectRule(trx, rule.id), "rule");
        },
        { guarded: true },
      );
    },

    async update(author: StaffAuthor, id: string, input: BodyOf<typeof ruleEndpoints.update>): Promise<Rule> {
      authorise(author.actor, "rules.write");
      const { revision, ...fields } = input;
      const rule = parse(id, fields);
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          demandPresent(before, "rule");
          demandFresh(before, revision);
          await demandReferences(trx, rule);
          await unlessTaken(updateRule(trx, rule), NAME_TAKEN);
          await touch("rules");
          await record({
            action: "rule.changed",
            entity: "rule",
            entityId: id,
            before: { ...ruleFields(parse(id, fieldsOf(before))) },
            after: { ...ruleFields(rule) },
          });
          return found(await selectRule(trx, id), "rule");
        },
        { guarded: true },
      );
    },

    async remove(author: StaffAuthor, id: string): Promise<Rule> {
      authorise(author.actor, "rules.write");
      return change(
        author,
        async ({ trx, at, touch, record }) => {
          const before = await locked(trx, id);
          if (before.removedAt !== undefined) return before;
          await setRemoved(trx, "access_rule", id, at);
          await touch("rules");
          await record({
            action: "rule.removed",
            entity: "rule",
            entityId: id,
            before: { ...fieldsOf(before) },
          });
          return found(await selectRule(trx, id), "rule");
        },
        { guarded: true },
      );
    },

    async restore(author: StaffAuthor, id: string): Promise<Rule> {
      authorise(author.actor, "rules.write");
      return change(
        author,
        async ({ trx, touch, record }) => {
          const before = await locked(trx, id);
          if (before.removedAt === undefined) return before;
          if (before.scheduleId !== undefined) {
            const schedules = await selectPresentIds(trx, "schedule", [before.scheduleId]);
            if (!schedules.has(before.scheduleId)) {
              throw refusal("conflict", "its schedule was removed: restore that first");
            }
          }
          await unlessTaken(setRemoved(trx, "access_rule", id, undefined), NAME_TAKEN);
          await touch("rules");
          await record({
            action: "rule.restored",
            entity: "rule",
            entityId: id,
            after: { ...fieldsOf(before) },
          });
          return found(await selectRule(trx, id), "rule");
        },
        { guarded: true },
      );
    },
  };
}

function holdsAt({ from, until }: Validity, at: number): boolean {
  return (from === undefined || from <= at) && (until === undefined || until > at);
}

function fieldsOf(rule: Rule): RuleCreate {
  const { id: _, revision: __, number: ___, removedAt: ____, scheduleName: _____, ...fields } = rule;
  return fields;
}

function parse(id: string, input: RuleCreate): AccessRule {
  try {
    return parseAccessRule({ id, ...input, name: input.name.trim() });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw refusal("invalid-request", error.message, { fields: [{ path: "body", message: error.message }] });
  }
}

/** Throws `not-found` naming the kind of thing that a rule refers to and that is not there. */
async function demandReferences(db: Reader, rule: AccessRule): Promise<void> {
  const lists = [
    ["person", rule.who.personIds],
    ["dwelling", rule.who.dwellingIds],
    ["building", rule.who.buildingIds],
    ["access_point", rule.where.accessPointIds],
    ["area", rule.where.areaIds],
    ["schedule", rule.scheduleId === undefined ? undefined : [rule.scheduleId]],
  ] as const;
  for (const [table, ids] of lists) {
    if (ids === undefined) continue;
    const present = await selectPresentIds(db, table, ids);
    if (ids.some((id) => !present.has(id))) {
      throw refusal("not-found", `the rule names a ${table.replace("_", " ")} that is not there`);
    }
  }
}
