import type { Grade } from "@menshen/domain";

/** The demonstration community as it is planned; keys name things before the server has given them identifiers. */
export const COMMUNITY_NAME = "海棠苑";
export const TIME_ZONE = "Asia/Shanghai";

export interface BuildingPlan {
  readonly key: string;
  readonly name: string;
}

export interface DoorPlan {
  readonly key: string;
  readonly name: string;
  readonly kind: "perimeter" | "garage" | "building";
  /** For a building's own door. */
  readonly building?: string;
  readonly gate: string;
  readonly minimumGrade: Grade;
  /** On the floor plan, in thousandths. */
  readonly position: { readonly x: number; readonly y: number };
  /** Stands unlocked while this schedule holds. */
  readonly unlockSchedule?: string;
}

export interface GatePlan {
  readonly key: string;
  readonly name: string;
  readonly doorGroup: number;
}

export const BUILDINGS: readonly BuildingPlan[] = ["1", "2", "3", "4", "5"].map((number) => ({
  key: `building-${number}`,
  name: `${number} 号楼`,
}));

/** Two door groups: a card of either kind has room for both. */
export const GATES: readonly GatePlan[] = [
  { key: "gate-north", name: "北门岗亭", doorGroup: 1 },
  { key: "gate-east", name: "东门岗亭", doorGroup: 2 },
  { key: "gate-garage", name: "车库弱电间", doorGroup: 2 },
];

export const DOORS: readonly DoorPlan[] = [
  perimeter("north", "北门", "gate-north", 500, 60),
  { ...perimeter("east", "东门", "gate-east", 940, 480), unlockSchedule: "school-run" },
  {
    key: "garage",
    name: "车库入口",
    kind: "garage",
    gate: "gate-garage",
    // Cars come through here unseen: a bare number is not enough.
    minimumGrade: "C",
    position: { x: 120, y: 900 },
  },
  building("1", "gate-north", 250, 280),
  building("2", "gate-north", 700, 280),
  building("3", "gate-east", 760, 560),
  building("4", "gate-garage", 480, 620),
  building("5", "gate-garage", 230, 700),
];

function perimeter(key: string, name: string, gate: string, x: number, y: number): DoorPlan {
  return { key, name, kind: "perimeter", gate, minimumGrade: "E", position: { x, y } };
}

function building(number: string, gate: string, x: number, y: number): DoorPlan {
  return {
    key: `door-${number}`,
    name: `${number} 号楼单元门`,
    kind: "building",
    building: `building-${number}`,
    gate,
    minimumGrade: "E",
    position: { x, y },
  };
}

/** Every building has six floors of two dwellings. */
export const DWELLING_NAMES: readonly string[] = [1, 2, 3, 4, 5, 6].flatMap((floor) => [
  `${floor}01`,
  `${floor}02`,
]);

const minutes = (hours: number, rest = 0) => hours * 60 + rest;

interface SchedulePlan {
  readonly key: string;
  readonly name: string;
  readonly weekdays: readonly (1 | 2 | 3 | 4 | 5 | 6 | 7)[];
  readonly startMinute: number;
  readonly endMinute: number;
}

export const SCHEDULES: readonly SchedulePlan[] = [
  {
    key: "school-run",
    name: "上学时段",
    weekdays: [1, 2, 3, 4, 5],
    startMinute: minutes(7, 10),
    endMinute: minutes(7, 50),
  },
  {
    key: "cleaning",
    name: "保洁时段",
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    startMinute: minutes(5),
    endMinute: minutes(22),
  },
  {
    key: "office",
    name: "物业办公时段",
    weekdays: [1, 2, 3, 4, 5, 6],
    startMinute: minutes(7),
    endMinute: minutes(21),
  },
];

export const HOLIDAY_KIND = "public";
/** Public holidays as the State Council's order has them every year; the make-up workdays change and are left out. */
export const HOLIDAYS: readonly { readonly monthDay: string; readonly name: string }[] = [
  { monthDay: "01-01", name: "元旦" },
  { monthDay: "05-01", name: "劳动节" },
  { monthDay: "10-01", name: "国庆节" },
  { monthDay: "10-02", name: "国庆节" },
  { monthDay: "10-03", name: "国庆节" },
];

/** The door with a screen that reads codes from telephones: anybody's camera does for a try. */
export const KIOSK = {
  key: "north kiosk",
  name: "北门门口屏",
  doorName: "北门 North gate",
  door: "north",
  gate: "gate-north",
} as const;

/** How long a lock stays released, and a door may stand open. */
export const UNLOCK_MS = 5_000;
export const HELD_OPEN_LIMIT_MS = 20_000;
