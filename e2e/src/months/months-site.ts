import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@menshen/crypto/node";
import {
  type Api,
  type CommunityServer,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteGate,
} from "@menshen/testkit/system";
import { makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import {
  areaEndpoints,
  credentialEndpoints,
  holidayEndpoints,
  ruleEndpoints,
  scheduleEndpoints,
} from "@menshen/wire";
import {
  CARD_NAMES,
  type CardName,
  DOOR_NAMES,
  type DoorName,
  type MonthsTable,
  type ScheduleName,
} from "./table.ts";

/** A card of the table; a stranger's is enrolled nowhere. */
export interface MonthsCard {
  readonly name: CardName;
  readonly card: VirtualCard;
  readonly credentialId: string | undefined;
}

export interface MonthsSite {
  readonly gates: readonly SiteGate[];
  readonly cards: readonly MonthsCard[];
}

/** Which of the table's doors stands at this place of a gate. */
export function doorNameOf(index: number): DoorName {
  return DOOR_NAMES[index % DOOR_NAMES.length] ?? "main";
}

/** Enters the table's schedules, holidays, doors, cards and rules over the ordinary interface. */
export async function makeMonthsSite(options: {
  api: Api;
  server: CommunityServer;
  table: MonthsTable;
  stateDir: string;
  gates: readonly { readonly name: string; readonly clockSocket: string }[];
  doorsPerGate: number;
}): Promise<MonthsSite> {
  const { api, table } = options;
  const { file } = table;
  const site = await makeSmallSite(api);
  for (const day of file.publicHolidays) {
    await api.call(holidayEndpoints.set, {
      params: { date: table.dateOf(day) },
      body: { kind: "public", name: "假日" },
    });
  }
  const schedules: Record<ScheduleName, string> = {
    staffed: await makeSchedule(api, table, "staffed"),
    unlocked: await makeSchedule(api, table, "unlocked"),
  };
  const areas: Record<DoorName, string> = { main: "", office: "", hall: "", plant: "" };
  for (const name of DOOR_NAMES) {
    // Nobody lives behind these doors: one kind of way in is enough.
    const area = await api.call(areaEndpoints.create, { body: { name: `区域 ${name}`, staffOnly: true } });
    areas[name] = area.id;
  }
  const gates: SiteGate[] = [];
  for (const { name, clockSocket } of options.gates) {
    const stateDir = join(options.stateDir, name);
    mkdirSync(stateDir);
    const planOf = (index: number) => {
      const door = doorNameOf(index);
      const { unlock, minimumGrade } = file.doors[door];
      return {
        toAreaId: areas[door],
        ...(unlock === undefined ? {} : { unlockScheduleId: schedules[unlock] }),
        ...(minimumGrade === undefined ? {} : { minimumGrade }),
      };
    };
    const { server, doorsPerGate: doorCount } = options;
    gates.push(await makeSiteGate({ api, server, site, name, stateDir, doorCount, clockSocket, planOf }));
  }

  const enrolled = new Map<CardName, SiteCard[]>();
  const cards: MonthsCard[] = [];
  for (const name of CARD_NAMES) {
    const { count, from, until } = file.cards[name];
    for (let index = 0; index < count; index++) {
      if (name === "stranger") {
        cards.push({ name, card: makeUidCard(fromHex(`04ffffff0000${index}1`)), credentialId: undefined });
        continue;
      }
      const resident = await makeResident(api, site, `${name} ${index}`, "uid");
      enrolled.set(name, [...(enrolled.get(name) ?? []), resident]);
      cards.push({ name, card: resident.card, credentialId: resident.credential.id });
      if (from === undefined && until === undefined) continue;
      // Cards that anybody can copy have an end of their own, long after these months.
      const end = until === undefined ? resident.credential.until : table.momentOf(until);
      await api.call(credentialEndpoints.validity, {
        params: { id: resident.credential.id },
        body: {
          revision: resident.credential.revision,
          ...(from === undefined ? {} : { from: table.momentOf(from) }),
          ...(end === undefined ? {} : { until: end }),
        },
      });
    }
  }
  const holders = (...names: CardName[]) =>
    names.flatMap((name) => (enrolled.get(name) ?? []).map(({ personId }) => personId));
  const members = holders("member", "leaver", "joiner", "blocked", "lost");
  const { ruleUntil } = file.cards.guest;
  await makeRule(api, "一直", members, [areas.main, areas.hall, areas.plant]);
  await makeRule(api, "办公时间", [...members, ...holders("cleaner")], [areas.office], {
    scheduleId: schedules.staffed,
  });
  await makeRule(api, "访客", holders("guest"), [areas.main], {
    validity: ruleUntil === undefined ? {} : { until: table.momentOf(ruleUntil) },
  });
  return { gates, cards };
}

/** Takes back what the table calls blocked and lost. */
export async function revokeCards(api: Api, cards: readonly MonthsCard[]): Promise<void> {
  for (const { name, credentialId } of cards) {
    if (credentialId === undefined) continue;
    if (name === "blocked") await api.call(credentialEndpoints.block, { params: { id: credentialId } });
    if (name === "lost") await api.call(credentialEndpoints.lost, { params: { id: credentialId } });
  }
}

async function makeRule(
  api: Api,
  name: string,
  personIds: string[],
  areaIds: string[],
  more: { scheduleId?: string; validity?: { until?: number } } = {},
): Promise<void> {
  await api.call(ruleEndpoints.create, {
    body: { name, who: { personIds }, where: { areaIds }, minimumGrade: "E", validity: {}, ...more },
  });
}

async function makeSchedule(api: Api, table: MonthsTable, name: ScheduleName): Promise<string> {
  const workdays = ([1, 2, 3, 4, 5] as const).flatMap((weekday) =>
    table.windows(name, "workday").map((window) => ({ weekday, ...window })),
  );
  const saturday = table.windows(name, "saturday").map((window) => ({ weekday: 6 as const, ...window }));
  const sunday = table.windows(name, "sunday").map((window) => ({ weekday: 7 as const, ...window }));
  const schedule = await api.call(scheduleEndpoints.create, {
    body: {
      name,
      weekly: [...workdays, ...saturday, ...sunday],
      holidays: [{ kind: "public", windows: [...table.windows(name, "public")] }],
      exceptions: table.file.exceptionDays.map((day) => ({
        date: table.dateOf(day),
        windows: [...table.windows(name, "exception")],
      })),
    },
  });
  return schedule.id;
}
