/** The area beyond every fence. */
export const OUTSIDE = "outside";
const MAX_POINTS = 1_000;
const MAX_GATES = 4_000;
const MAX_WALKS = 500_000;
const MAX_TEXT = 128;
/** What an installer may assume of a gate whose clock nobody described. */
const DEFAULT_CLOCK_ERROR_SECONDS = 5;

export interface DoorPoint {
  readonly id: string;
  readonly gate: number;
  /** Outer area (a whole site, or outside) on each side; equal for doors inside a site. */
  readonly outerFrom: number;
  readonly outerTo: number;
}

/** Doors as the engine uses them. Made by `parseDoors`. */
export interface DoorMap {
  readonly utcOffsetMinutes: number;
  /** Pseudonyms change at each multiple of `lengthMs` from `anchorMs`; absent if they never do. */
  readonly epoch: { readonly anchorMs: number; readonly lengthMs: number } | undefined;
  readonly gates: readonly { readonly id: string; readonly clockErrorSeconds: number }[];
  readonly points: readonly DoorPoint[];
  readonly pointIndex: ReadonlyMap<string, number>;
  /** Names of outer areas; the first is outside. */
  readonly outerAreas: readonly string[];
  /** Of each outer area, whether one can both enter and leave it only by taps. */
  readonly isCounted: readonly boolean[];
  /** Shortest walk in seconds from point to point, row by row; infinite where nothing is known. */
  readonly walkSeconds: Float32Array;
}

export interface DoorsFault {
  /** Where in the document, e.g. `accessPoints/3/gate`. */
  readonly at: string;
  readonly expected: string;
}

export type ParsedDoors =
  | { readonly ok: true; readonly doors: DoorMap }
  | { readonly ok: false; readonly faults: readonly DoorsFault[] };

type Fields = Readonly<Record<string, unknown>>;

/** Checks a doors file (docs/detect.md), already read as JSON. Never throws; the first 20 faults are told. */
export function parseDoors(value: unknown): ParsedDoors {
  const faults: DoorsFault[] = [];
  const fault = (at: string, expected: string): undefined => {
    if (faults.length < 20) faults.push({ at, expected });
  };
  const root = fieldsOf(value);
  if (root === undefined) return { ok: false, faults: [{ at: "", expected: "an object" }] };
  if (root.version !== 1) return { ok: false, faults: [{ at: "version", expected: "1" }] };
  const utcOffsetMinutes = root.utcOffsetMinutes ?? 480;
  if (!isNumber(utcOffsetMinutes, -900, 900)) fault("utcOffsetMinutes", "minutes east of UTC, -900 to 900");
  const epoch = parseEpoch(root.epoch, fault);
  const gates = rows(root.gates, "gates", MAX_GATES, fault).map((row, index) => {
    const at = `gates/${index}`;
    const error = row.clockErrorSeconds ?? DEFAULT_CLOCK_ERROR_SECONDS;
    if (!isNumber(error, 0, 3_600)) fault(`${at}/clockErrorSeconds`, "seconds, 0 to 3600");
    return { id: text(row.id, `${at}/id`, fault), clockErrorSeconds: isNumber(error, 0, 3_600) ? error : 0 };
  });
  const gateIndex = indexOf(gates, "gates", fault);
  const parents = parseParents(root.areas, fault);
  const raw = rows(root.accessPoints, "accessPoints", MAX_POINTS, fault).map((row, index) => {
    const at = `accessPoints/${index}`;
    const gate = gateIndex.get(text(row.gate, `${at}/gate`, fault));
    if (gate === undefined) fault(`${at}/gate`, "the id of a gate in `gates`");
    return {
      id: text(row.id, `${at}/id`, fault),
      gate: gate ?? 0,
      from: text(row.from, `${at}/from`, fault),
      to: text(row.to, `${at}/to`, fault),
    };
  });
  const pointIndex = indexOf(raw, "accessPoints", fault);
  const outer = outerAreasOf(raw, parents);
  const points = raw.map(({ id, gate, from, to }) => ({
    id,
    gate,
    outerFrom: outer.of(from),
    outerTo: outer.of(to),
  }));
  const walkSeconds = parseWalks(root.walks, pointIndex, raw.length, fault);
  if (faults.length > 0 || !isNumber(utcOffsetMinutes, -900, 900)) return { ok: false, faults };
  const isCounted = outer.names.map(
    (_, area) =>
      area !== 0 &&
      points.some(({ outerFrom, outerTo }) => outerFrom === area && outerTo === 0) &&
      points.some(({ outerFrom, outerTo }) => outerFrom === 0 && outerTo === area),
  );
  const doors = {
    utcOffsetMinutes,
    epoch,
    gates,
    points,
    pointIndex,
    outerAreas: outer.names,
    isCounted,
    walkSeconds,
  };
  return { ok: true, doors };
}

type Report = (at: string, expected: string) => undefined;

function parseEpoch(value: unknown, fault: Report): DoorMap["epoch"] {
  if (value === undefined) return undefined;
  const epoch = fieldsOf(value);
  const { anchor, lengthHours } = epoch ?? {};
  if (!isNumber(anchor, 0, 4e12)) return fault("epoch/anchor", "Unix milliseconds");
  if (!isNumber(lengthHours, 24, 24 * 366)) return fault("epoch/lengthHours", "hours, 24 to 8784");
  return { anchorMs: anchor, lengthMs: lengthHours * 3_600_000 };
}

function parseParents(value: unknown, fault: Report): Map<string, string> {
  const parents = new Map<string, string>();
  if (value === undefined) return parents;
  for (const [index, row] of rows(value, "areas", MAX_POINTS, fault).entries()) {
    const within = row.within;
    if (within === undefined) continue;
    parents.set(text(row.id, `areas/${index}/id`, fault), text(within, `areas/${index}/within`, fault));
  }
  return parents;
}

/**
 * Reduces areas to sites: an area lies in the one that `areas` says, else in the area from which its doors lead into it,
 * unless they lead in from outside.
 */
function outerAreasOf(
  points: readonly { readonly from: string; readonly to: string }[],
  said: ReadonlyMap<string, string>,
) {
  const parents = new Map(said);
  const fenced = new Set(
    points.flatMap(({ from, to }) => (from === OUTSIDE ? [to] : to === OUTSIDE ? [from] : [])),
  );
  for (const { from, to } of points) {
    if (!parents.has(to) && !fenced.has(to) && to !== OUTSIDE && from !== to) parents.set(to, from);
  }
  const names = [OUTSIDE];
  const of = (area: string): number => {
    let outermost = area;
    for (let depth = 0; depth < 16; depth++) {
      const parent = parents.get(outermost);
      if (parent === undefined || parent === OUTSIDE) break;
      outermost = parent;
    }
    const index = names.indexOf(outermost);
    return index >= 0 ? index : names.push(outermost) - 1;
  };
  for (const { from, to } of points) {
    of(from);
    of(to);
  }
  return { names, of };
}

function parseWalks(
  value: unknown,
  pointIndex: ReadonlyMap<string, number>,
  count: number,
  fault: Report,
): Float32Array {
  const seconds = new Float32Array(count * count).fill(Number.POSITIVE_INFINITY);
  for (let point = 0; point < count; point++) seconds[point * count + point] = 0;
  if (value === undefined) return seconds;
  for (const [index, row] of rows(value, "walks", MAX_WALKS, fault).entries()) {
    const a = pointIndex.get(text(row.a, `walks/${index}/a`, fault));
    const b = pointIndex.get(text(row.b, `walks/${index}/b`, fault));
    if (a === undefined || b === undefined) {
      fault(`walks/${index}`, "`a` and `b` to be ids of access points");
      continue;
    }
    if (!isNumber(row.seconds, 0, 86_400)) {
      fault(`walks/${index}/seconds`, "seconds, 0 to 86400");
      continue;
    }
    seconds[a * count + b] = Math.min(seconds[a * count + b] ?? 0, row.seconds);
    seconds[b * count + a] = Math.min(seconds[b * count + a] ?? 0, row.seconds);
  }
  return shortestWalks(seconds, count);
}

/** Floyd and Warshall: a way over other doors may be shorter than what was measured, or the only one known. */
function shortestWalks(seconds: Float32Array, count: number): Float32Array {
  for (let over = 0; over < count; over++) {
    for (let from = 0; from < count; from++) {
      const first = seconds[from * count + over] ?? Number.POSITIVE_INFINITY;
      if (first === Number.POSITIVE_INFINITY) continue;
      for (let to = 0; to < count; to++) {
        const whole = first + (seconds[over * count + to] ?? Number.POSITIVE_INFINITY);
        if (whole < (seconds[from * count + to] ?? 0)) seconds[from * count + to] = whole;
      }
    }
  }
  return seconds;
}

function rows(value: unknown, at: string, most: number, fault: Report): Fields[] {
  if (!Array.isArray(value) || value.length > most) {
    fault(at, `a list of at most ${most}`);
    return [];
  }
  return value.map((row, index) => {
    const fields = fieldsOf(row);
    if (fields === undefined) fault(`${at}/${index}`, "an object");
    return fields ?? {};
  });
}

function indexOf(list: readonly { readonly id: string }[], at: string, fault: Report): Map<string, number> {
  const index = new Map<string, number>();
  for (const [place, { id }] of list.entries()) {
    if (index.has(id)) fault(`${at}/${place}/id`, "each id once");
    index.set(id, place);
  }
  return index;
}

function text(value: unknown, at: string, fault: Report): string {
  if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT) return value;
  fault(at, "a text of 1 to 128 characters");
  return "";
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function isNumber(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
