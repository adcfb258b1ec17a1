import { createMongoAbility } from "@casl/ability";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { type Enforcer, newEnforcer, newModelFromString } from "casbin";
import {
  DOORS,
  GROUPS,
  type Holder,
  openSchedules,
  type Request,
  SCHEDULES,
  type Site,
  START,
} from "./site.ts";

/** A rival engine holding the same site: answers a request, at once or by a promise. */
export interface Rival {
  readonly name: string;
  decide(request: Request): boolean | Promise<boolean>;
}

function holderOf(site: Site, request: Request) {
  const holder = site.holders[request.holder];
  if (holder === undefined) throw new Error("request names no holder");
  return holder;
}

/** Cedar, policies parsed once: a permit for each group and schedule over a set of doors. */
export function makeCedar(site: Site): Rival {
  const policies: string[] = [];
  for (let group = 0; group < GROUPS; group++) {
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      policies.push(
        `permit(principal in Group::"${group}", action == Action::"pass", resource in DoorSet::"${group}-${schedule}") ` +
          `when { context.open.contains(${schedule}) && principal.active && principal.from <= context.now && context.now < principal.until };`,
      );
    }
  }
  const parsed = cedar.preparsePolicySet("site", { staticPolicies: policies.join("\n") });
  if (parsed.type === "failure") throw new Error(JSON.stringify(parsed.errors));
  const doorEntities = Array.from({ length: DOORS }, (_, door) => ({
    uid: { type: "Door", id: String(door) },
    attrs: {},
    parents: site.scheduleOf.flatMap((schedules, group) => {
      const schedule = schedules[door] ?? -1;
      return schedule < 0 ? [] : [{ type: "DoorSet", id: `${group}-${schedule}` }];
    }),
  }));
  return {
    name: "cedar-wasm 4.13.0, preparsed",
    decide(request) {
      const holder = holderOf(site, request);
      const open = openSchedules(site, request.at);
      const door = doorEntities[request.door];
      if (door === undefined) throw new Error("request names no door");
      const answer = cedar.statefulIsAuthorized({
        principal: { type: "User", id: String(request.holder) },
        action: { type: "Action", id: "pass" },
        resource: { type: "Door", id: String(request.door) },
        context: {
          now: Math.floor(request.at / 1_000),
          open: Array.from({ length: SCHEDULES }, (_, index) => index).filter((index) => open & (1 << index)),
        },
        preparsedPolicySetId: "site",
        validateRequest: false,
        entities: [
          {
            uid: { type: "User", id: String(request.holder) },
            attrs: {
              active: holder.active,
              from: Math.floor(holder.from / 1_000),
              until: Math.floor(holder.until / 1_000),
            },
            parents: holder.groups.map((group) => ({ type: "Group", id: String(group) })),
          },
          door,
        ],
      });
      if (answer.type === "failure") throw new Error(JSON.stringify(answer.errors));
      return answer.response.decision === "allow";
    },
  };
}

/** What CASL is asked about: its abilities compare fields, so what the schedules say at that time is one of them. */
class DoorAt {
  readonly door: number;
  readonly at: number;
  readonly open: readonly number[];
  readonly active: boolean;
  readonly sinceFromMs: number;
  readonly untilLeftMs: number;
  constructor(site: Site, request: Request, holder: Holder) {
    const bits = openSchedules(site, request.at);
    this.door = request.door;
    this.at = request.at;
    this.open = Array.from({ length: SCHEDULES }, (_, index) => index).filter((index) => bits & (1 << index));
    this.active = holder.active;
    this.sinceFromMs = request.at - holder.from;
    this.untilLeftMs = holder.until - request.at;
  }
}

type Ability = ReturnType<typeof createMongoAbility>;

/** Doors of a group by schedule, shared by all abilities. */
function doorSets(site: Site): readonly (readonly (readonly number[])[])[] {
  return site.scheduleOf.map((schedules) =>
    Array.from({ length: SCHEDULES }, (_, schedule) =>
      schedules.flatMap((held, door) => (held === schedule ? [door] : [])),
    ),
  );
}

function caslAbility(
  sets: ReturnType<typeof doorSets>,
  groups: readonly number[],
  conditions: Readonly<Record<string, unknown>>,
): Ability {
  return createMongoAbility(
    groups.flatMap((group) =>
      (sets[group] ?? []).map((doors, schedule) => ({
        action: "pass",
        subject: "DoorAt",
        conditions: { door: { $in: doors }, open: schedule, ...conditions },
      })),
    ),
  );
}

/** CASL as its guide keeps abilities: one for each person, built once, with that person's own validity in its rules. */
export function makeCaslByPerson(site: Site): Rival {
  const sets = doorSets(site);
  const abilities = site.holders.map(({ groups, active, from, until }) =>
    caslAbility(sets, active ? groups : [], { at: { $gte: from, $lt: until } }),
  );
  // It compiles a rule's conditions when first asked; a door that no rule names asks them all.
  for (const [holder, ability] of abilities.entries()) {
    const nowhere = { holder, door: -1, at: START };
    ability.can("pass", new DoorAt(site, nowhere, holderOf(site, nowhere)) as never);
  }
  return {
    name: "CASL 7.0.1, cached for each person",
    decide(request) {
      const ability = abilities[request.holder];
      if (ability === undefined) throw new Error("request names no holder");
      return ability.can("pass", new DoorAt(site, request, holderOf(site, request)) as never);
    },
  };
}

/**
 * CASL tuned to this site: persons of the same two groups share one ability, which stays in the processor's caches;
 * status and validity are fields of the subject.
 */
export function makeCaslByGroups(site: Site): Rival {
  const sets = doorSets(site);
  const own = { active: true, sinceFromMs: { $gte: 0 }, untilLeftMs: { $gt: 0 } };
  const abilities = new Map<number, Ability>();
  const keyOf = ([first, second]: Holder["groups"]) => first * GROUPS + second;
  for (const { groups } of site.holders) {
    if (!abilities.has(keyOf(groups))) abilities.set(keyOf(groups), caslAbility(sets, groups, own));
  }
  return {
    name: "CASL 7.0.1, shared by pairs of groups",
    decide(request) {
      const holder = holderOf(site, request);
      const ability = abilities.get(keyOf(holder.groups));
      if (ability === undefined) throw new Error("no ability for these groups");
      return ability.can("pass", new DoorAt(site, request, holder) as never);
    },
  };
}

const CASBIN_MODEL = `
[request_definition]
r = sub, obj, open, active, since, left
[policy_definition]
p = sub, obj, schedule
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.active && r.since >= 0 && r.left > 0 && held(r.open, p.schedule) && g(r.sub, p.sub) && g2(r.obj, p.obj)
`;

/** casbin with door sets: a policy for each group and schedule, roles for persons and for doors, the cheapest tests first. */
export async function makeCasbin(site: Site): Promise<Rival> {
  const enforcer: Enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL));
  await enforcer.addFunction(
    "held",
    (open: number, schedule: string) => (open & (1 << Number(schedule))) !== 0,
  );
  const policies: string[][] = [];
  const doorSets: string[][] = [];
  for (const [group, schedules] of site.scheduleOf.entries()) {
    for (let schedule = 0; schedule < SCHEDULES; schedule++) {
      policies.push([`group-${group}`, `set-${group}-${schedule}`, String(schedule)]);
    }
    for (const [door, schedule] of schedules.entries()) {
      if (schedule >= 0) doorSets.push([`door-${door}`, `set-${group}-${schedule}`]);
    }
  }
  await enforcer.addPolicies(policies);
  await enforcer.addNamedGroupingPolicies("g2", doorSets);
  await enforcer.addGroupingPolicies(
    site.holders.flatMap((holder, index) =>
      holder.groups.map((group) => [`user-${index}`, `group-${group}`]),
    ),
  );
  return {
    name: "casbin 5.51.1, door sets",
    async decide(request) {
      const holder = holderOf(site, request);
      return enforcer.enforce(
        `user-${request.holder}`,
        `door-${request.door}`,
        openSchedules(site, request.at),
        holder.active,
        request.at - holder.from,
        holder.until - request.at,
      );
    },
  };
}
