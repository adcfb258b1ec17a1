import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  type AreaId,
  AreaId as areaIdOf,
  type DoorRules,
  GateId,
  Holder,
  PortalId,
  parseAreaRule,
  parsePortalRule,
  type Reason,
} from "@menshen/domain";
import type { Judgement, PresenceTap } from "@menshen/policy";
import { parse } from "yaml";
import { accessPointId, idOf, listOf, type Section, sectionOf, textOf } from "./scenario-world.ts";

/** What happens at a site, in order, with the answers that were written beforehand. Format: docs/protocol/door-rules.md. */
export interface DoorStory {
  readonly name: string;
  readonly rules: DoorRules;
  /** How far each gate's clock is ahead of the true time. */
  readonly gates: ReadonlyMap<GateId, number>;
  readonly steps: readonly DoorStep[];
}

/** One event at `atMs` after the start. */
export type DoorStep = { readonly atMs: number } & (
  | {
      readonly kind: "tap";
      readonly tap: PresenceTap;
      /** Which of the person's. */
      readonly credential: string;
      readonly expected: ExpectedAnswer;
    }
  | { readonly kind: "opened"; readonly portalId: PortalId }
  | { readonly kind: "passed"; readonly portalId: PortalId }
  | { readonly kind: "stands-open"; readonly portalId: PortalId; readonly isOpen: boolean }
  | { readonly kind: "split"; readonly groups: readonly (readonly GateId[])[] }
  | { readonly kind: "heal" }
  | { readonly kind: "restart"; readonly gateId: GateId; readonly keepsRecords: boolean }
  | { readonly kind: "forgive"; readonly gateId: GateId; readonly holder: Holder }
  | { readonly kind: "set-count"; readonly gateId: GateId; readonly areaId: AreaId; readonly persons: number }
  /** At every gate named, the area holds so many. */
  | {
      readonly kind: "inside";
      readonly gateIds: readonly GateId[];
      readonly areaId: AreaId;
      readonly persons: number;
    }
);

export interface ExpectedAnswer {
  readonly verdict: Judgement["verdict"];
  /** Exactly these, `until` in milliseconds after the start by the judging gate's clock. */
  readonly reasons: readonly Reason[];
  readonly holdForMs?: number;
}

export interface DoorStoryTable {
  /** The file's name without `.yaml`. */
  readonly name: string;
  readonly stories: readonly DoorStory[];
}

/** When every story begins, by true time. */
export const DOOR_STORY_START_MS = Date.UTC(2026, 10, 23, 0, 0, 0);

/** The tables of `packages/policy/scenarios/door-rules`; `site.yaml` holds the site that all play at. */
export function loadDoorStories(): readonly DoorStoryTable[] {
  const site = createRequire(import.meta.url).resolve("@menshen/policy/scenarios/door-rules/site.yaml");
  const folder = dirname(site);
  const read = (file: string) => sectionOf(parse(readFileSync(join(folder, file), "utf8")));
  const base = read("site.yaml");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml") && file !== "site.yaml")
    .sort()
    .map((file) => {
      const table = read(file);
      return {
        name: file.slice(0, -".yaml".length),
        stories: listOf(table.stories).map((story) => readStory(base, table, sectionOf(story))),
      };
    });
}

const area = (name: unknown) => areaIdOf(idOf("area", textOf(name)));
const portal = (name: unknown) => PortalId(idOf("portal", textOf(name)));
const gate = (name: unknown) => GateId(idOf("gate", textOf(name)));
/** A person's token in the stories: the same in every program. */
export const storyHolder = (name: string) => Holder(idOf("holder", name).replaceAll("-", "").slice(0, 16));

const HOUR_MS = 3_600_000;

function readStory(base: Section, table: Section, story: Section): DoorStory {
  const accessPoints = Object.entries(sectionOf(base.accessPoints)).map(([name, value]) => {
    const { portal: through, gate: watched, from, to } = sectionOf(value);
    return {
      id: accessPointId(name),
      portalId: portal(through),
      gateId: gate(watched),
      fromAreaId: area(from),
      toAreaId: area(to),
    };
  });
  const areas = { ...sectionOf(table.areas), ...sectionOf(story.areas) };
  const portals = { ...sectionOf(table.portals), ...sectionOf(story.portals) };
  const clocks = sectionOf(story.clocks);
  const rules: DoorRules = {
    outsideAreaId: area(base.outside),
    areas: Object.entries(areas).map(([name, fields]) =>
      parseAreaRule({
        antiPassback: "off",
        countsOnlyConfirmed: false,
        whenApart: "admit",
        ...sectionOf(fields),
        areaId: area(name),
      }),
    ),
    portals: Object.entries(portals).map(([name, fields]) =>
      parsePortalRule({ ...sectionOf(fields), portalId: portal(name) }),
    ),
    accessPoints,
    presenceMs: numberOf(story.presenceHours ?? 24) * HOUR_MS,
  };
  const names = new Set(
    Object.values(sectionOf(base.accessPoints)).map((each) => textOf(sectionOf(each).gate)),
  );
  return {
    name: textOf(story.name),
    rules,
    gates: new Map([...names].map((name) => [gate(name), numberOf(clocks[name] ?? 0) * 1_000])),
    steps: listOf(story.steps).map((step) => readStep(base, sectionOf(step))),
  };
}

function readStep(base: Section, step: Section): DoorStep {
  const atMs = numberOf(step.at) * 1_000;
  const gates = (names: unknown) => listOf(names).map(gate);
  if (step.tap !== undefined) return { atMs, kind: "tap", ...readTap(base, step) };
  if (step.opened !== undefined) return { atMs, kind: "opened", portalId: portal(step.opened) };
  if (step.passed !== undefined) return { atMs, kind: "passed", portalId: portal(step.passed) };
  if (step.open !== undefined)
    return { atMs, kind: "stands-open", portalId: portal(step.open), isOpen: true };
  if (step.shut !== undefined)
    return { atMs, kind: "stands-open", portalId: portal(step.shut), isOpen: false };
  if (step.split !== undefined) return { atMs, kind: "split", groups: listOf(step.split).map(gates) };
  if (step.heal !== undefined) return { atMs, kind: "heal" };
  if (step.restart !== undefined) {
    return { atMs, kind: "restart", gateId: gate(step.restart), keepsRecords: step.keeps === true };
  }
  if (step.forgive !== undefined) {
    return { atMs, kind: "forgive", gateId: gate(step.by), holder: storyHolder(textOf(step.forgive)) };
  }
  const persons = numberOf(step.persons);
  if (step.count !== undefined) {
    return { atMs, kind: "set-count", gateId: gate(step.by), areaId: area(step.count), persons };
  }
  return { atMs, kind: "inside", gateIds: gates(step.gates), areaId: area(step.inside), persons };
}

/** `refused`, `waits` and `opens` list reasons; those of `opens` are its marks. */
function readTap(
  base: Section,
  step: Section,
): Pick<Extract<DoorStep, { kind: "tap" }>, "tap" | "credential" | "expected"> {
  const credential = textOf(step.tap);
  const person = sectionOf(base.credentials)[credential];
  const { staff, escorted } = sectionOf(sectionOf(base.people)[textOf(person)]);
  const reasons = listOf(step.refused ?? step.waits ?? step.opens).map(readReason);
  const verdict =
    step.refused !== undefined
      ? "refuse"
      : step.waits !== undefined
        ? "wait-for-second"
        : reasons.length === 0
          ? "admit"
          : "admit-marked";
  return {
    tap: {
      accessPointId: accessPointId(step.through),
      holder: storyHolder(textOf(person)),
      isStaff: staff === true,
      needsEscort: escorted === true,
    },
    credential,
    expected: {
      verdict,
      reasons,
      ...(step.holds === undefined ? {} : { holdForMs: numberOf(step.holds) * 1_000 }),
    },
  };
}

function readReason(value: unknown): Reason {
  const fields = typeof value === "string" ? { code: value } : sectionOf(value);
  const entries = Object.entries(fields).map(([key, field]) => [
    key,
    key === "until" ? DOOR_STORY_START_MS + numberOf(field) * 1_000 : field,
  ]);
  // A table may hold any text; whatever is no reason fails the comparison with the judgement.
  return Object.fromEntries(entries) as Reason;
}

function numberOf(value: unknown): number {
  if (typeof value !== "number")
    throw new Error(`scenario: expected a number, came ${JSON.stringify(value)}`);
  return value;
}
