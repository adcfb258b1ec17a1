import {
  accessPointEndpoints,
  areaEndpoints,
  buildingEndpoints,
  communityEndpoints,
  dwellingEndpoints,
  gateEndpoints,
  holidayEndpoints,
  portalEndpoints,
  readerEndpoints,
  ruleEndpoints,
  scheduleEndpoints,
} from "@menshen/wire";
import type { ApiClient } from "../../api/client.ts";
import type { Site } from "../site-file.ts";
import {
  BUILDINGS,
  DOORS,
  DWELLING_NAMES,
  GATES,
  HELD_OPEN_LIMIT_MS,
  HOLIDAY_KIND,
  HOLIDAYS,
  KIOSK,
  SCHEDULES,
  UNLOCK_MS,
} from "../site-plan.ts";

/** Records of the server by their keys in the plan. */
type Ids = Record<string, string>;

const RESIDENT_ROLES = ["owner", "tenant", "family", "helper"] as const;
/** Areas that every community has from its first start. */
export const GROUNDS = "grounds";
export const STREET = "street";

/**
 * Makes what is planned but not there yet: areas, gates, buildings, dwellings, schedules, doors with their readers, the
 * residents' rules. What an interrupted start made and did not note is found again by its name.
 */
export async function seedSite(api: ApiClient, site: Site, thisYear: number): Promise<void> {
  await seedAreas(api, site);
  await eachMissing(
    site.gates,
    GATES,
    ({ name }) => name,
    () => pages((page) => api.call(gateEndpoints.list, { query: page })),
    ({ name, doorGroup }) => api.call(gateEndpoints.create, { body: { name, doorGroup } }),
  );
  await seedHomes(api, site);
  await seedSchedules(api, site, thisYear);
  await seedDoors(api, site);
  await seedRules(api, site);
}

async function seedAreas(api: ApiClient, site: Site): Promise<void> {
  const { groundsAreaId, outsideAreaId } = await api.call(communityEndpoints.get, {});
  site.areas[GROUNDS] = groundsAreaId;
  site.areas[STREET] = outsideAreaId;
  await eachMissing(
    site.areas,
    BUILDINGS,
    ({ name }) => `${name}楼内`,
    () => pages((page) => api.call(areaEndpoints.list, { query: page })),
    ({ name }) => api.call(areaEndpoints.create, { body: { name: `${name}楼内`, staffOnly: false } }),
  );
}

async function seedHomes(api: ApiClient, site: Site): Promise<void> {
  await eachMissing(
    site.buildings,
    BUILDINGS,
    ({ name }) => name,
    () => pages((page) => api.call(buildingEndpoints.list, { query: page })),
    (building) =>
      api.call(buildingEndpoints.create, {
        body: { name: building.name, areaId: idOf(site.areas, building.key) },
      }),
  );
  const dwellings = BUILDINGS.flatMap((building) =>
    DWELLING_NAMES.map((name) => ({ key: `${building.key}/${name}`, name, building })),
  );
  await eachMissing(
    site.dwellings,
    dwellings,
    ({ name, building }) => `${idOf(site.buildings, building.key)} ${name}`,
    async () => {
      const items = await pages((page) => api.call(dwellingEndpoints.list, { query: page }));
      return items.map(({ id, name, buildingId }) => ({ id, name: `${buildingId} ${name}` }));
    },
    ({ name, building }) =>
      api.call(dwellingEndpoints.create, { body: { buildingId: idOf(site.buildings, building.key), name } }),
  );
}

async function seedSchedules(api: ApiClient, site: Site, thisYear: number): Promise<void> {
  await eachMissing(
    site.schedules,
    SCHEDULES,
    ({ name }) => name,
    () => pages((page) => api.call(scheduleEndpoints.list, { query: page })),
    (plan) =>
      api.call(scheduleEndpoints.create, {
        body: {
          name: plan.name,
          weekly: plan.weekdays.map((weekday) => ({
            weekday,
            startMinute: plan.startMinute,
            endMinute: plan.endMinute,
          })),
          holidays: [{ kind: HOLIDAY_KIND, windows: [] }],
          exceptions: [],
        },
      }),
  );
  const { items } = await api.call(holidayEndpoints.list, {});
  const known = new Set(items.map(({ date }) => date));
  for (const { monthDay, name } of [thisYear, thisYear + 1].flatMap((year) =>
    HOLIDAYS.map((holiday) => ({ ...holiday, monthDay: `${year}-${holiday.monthDay}` })),
  )) {
    if (known.has(monthDay)) continue;
    await api.call(holidayEndpoints.set, { params: { date: monthDay }, body: { kind: HOLIDAY_KIND, name } });
  }
}

async function seedDoors(api: ApiClient, site: Site): Promise<void> {
  await eachMissing(
    site.portals,
    DOORS,
    ({ name }) => name,
    () => pages((page) => api.call(portalEndpoints.list, { query: page })),
    (door) =>
      api.call(portalEndpoints.create, {
        body: {
          gateId: idOf(site.gates, door.gate),
          name: door.name,
          unlockMs: UNLOCK_MS,
          heldOpenLimitMs: HELD_OPEN_LIMIT_MS,
          position: door.position,
          ...(door.building === undefined ? {} : { buildingId: idOf(site.buildings, door.building) }),
          ...(door.unlockSchedule === undefined
            ? {}
            : { unlockScheduleId: idOf(site.schedules, door.unlockSchedule) }),
        },
      }),
  );
  await eachMissing(
    site.accessPoints,
    DOORS,
    ({ name }) => `${name}进`,
    () => pages((page) => api.call(accessPointEndpoints.list, { query: page })),
    (door) =>
      api.call(accessPointEndpoints.create, {
        body: {
          portalId: idOf(site.portals, door.key),
          name: `${door.name}进`,
          fromAreaId: idOf(site.areas, door.building === undefined ? STREET : GROUNDS),
          toAreaId: idOf(site.areas, door.building ?? GROUNDS),
          minimumGrade: door.minimumGrade,
        },
      }),
  );
  const readers = [
    ...DOORS.map((door) => ({ key: door.key, name: `${door.name}读卡器`, gate: door.gate, door: door.key })),
    ...GATES.map((gate) => ({
      key: unitKey(gate.key),
      name: `${gate.name}输入输出模块`,
      gate: gate.key,
      door: undefined,
    })),
    KIOSK,
  ];
  await eachMissing(
    site.readers,
    readers,
    ({ name }) => name,
    () => pages((page) => api.call(readerEndpoints.list, { query: page })),
    (reader) =>
      api.call(readerEndpoints.create, {
        body: {
          gateId: idOf(site.gates, reader.gate),
          name: reader.name,
          ...(reader.door === undefined
            ? { kind: "io" }
            : {
                kind: reader.key === KIOSK.key ? "kiosk" : "osdp",
                accessPointId: idOf(site.accessPoints, reader.door),
              }),
        },
      }),
  );
}

/** Residents come onto the grounds and into their own building; staff get their rules with their names. */
async function seedRules(api: ApiClient, site: Site): Promise<void> {
  const plans = [
    { key: "grounds", name: "住户进小区", area: GROUNDS, building: undefined },
    ...BUILDINGS.map(({ key, name }) => ({ key, name: `${name}住户回家`, area: key, building: key })),
  ];
  await eachMissing(
    site.rules,
    plans,
    ({ name }) => name,
    () => pages((page) => api.call(ruleEndpoints.list, { query: page })),
    (plan) =>
      api.call(ruleEndpoints.create, {
        body: {
          name: plan.name,
          who: {
            roles: [...RESIDENT_ROLES],
            ...(plan.building === undefined ? {} : { buildingIds: [idOf(site.buildings, plan.building)] }),
          },
          where: { areaIds: [idOf(site.areas, plan.area)] },
          minimumGrade: "E",
          validity: {},
        },
      }),
  );
}

/** Key of a gate's input and output unit among the readers. */
export function unitKey(gate: string): string {
  return `${gate} unit`;
}

/** The identifier behind a key; throws `RangeError` if the plan and the server have come apart. */
export function idOf(ids: Readonly<Ids>, key: string): string {
  const id = ids[key];
  if (id === undefined) throw new RangeError(`the demonstration has no \`${key}\``);
  return id;
}

/** Finds or makes everything planned whose identifier is not known yet, and notes it in `ids`. */
export async function eachMissing<Plan extends { readonly key: string }>(
  ids: Ids,
  plans: readonly Plan[],
  nameOf: (plan: Plan) => string,
  list: () => Promise<readonly { readonly id: string; readonly name: string }[]>,
  create: (plan: Plan) => Promise<{ readonly id: string }>,
): Promise<void> {
  const missing = plans.filter(({ key }) => ids[key] === undefined);
  if (missing.length === 0) return;
  const found = new Map((await list()).map(({ id, name }) => [name, id]));
  await inParallel(missing, async (plan) => {
    ids[plan.key] = found.get(nameOf(plan)) ?? (await create(plan)).id;
  });
}

/** So many requests are under way at once. */
const PARALLEL = 6;

export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

const PAGE_ITEMS = 500;

/** All items of a paged list. */
export async function pages<Item>(
  fetchPage: (page: { limit: number; cursor?: string }) => Promise<{
    readonly items: readonly Item[];
    readonly nextCursor?: string;
  }>,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const answer = await fetchPage({ limit: PAGE_ITEMS, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === undefined) return items;
  }
}
