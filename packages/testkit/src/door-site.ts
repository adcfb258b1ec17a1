import type { AccessPointId, AreaId, DoorRules, GateId, Holder, PortalId } from "@menshen/domain";
import {
  compileDoorPlan,
  type Judgement,
  makePresence,
  type Presence,
  type PresenceDelta,
  type PresenceTap,
} from "@menshen/policy";
import type { DoorWorld } from "./door-play.ts";
import { DOOR_STORY_START_MS, type DoorStory } from "./door-scenarios.ts";

/** A gate counts another as silent when it has not heard it for longer. */
const SILENT_AFTER_MS = 5_000;
const HEARTBEAT_MS = 1_000;
/** How long a granted door may take to open. */
const CONFIRM_MS = 5_000;

export interface DoorSiteOptions {
  readonly rules: DoorRules;
  /** Gates with how far their clocks are ahead of the true time. */
  readonly gates: ReadonlyMap<GateId, number>;
  readonly startMs: number;
  /** How long a message takes; later ones may overtake. Absent: no time. */
  readonly delayMs?: () => number;
}

/** Several gates of one site in one process, with a network that can be cut and a clock that is an argument. */
export interface DoorSite {
  readonly nowMs: () => number;
  /** Lets true time pass: messages arrive, gates that are connected hear each other. */
  readonly advance: (ms: number) => void;
  /** A double tap that lets the door go again holds it for 0. */
  readonly tap: (tap: PresenceTap) => Judgement;
  readonly opened: (portalId: PortalId) => void;
  /** A sensor sees one person go through. */
  readonly passed: (portalId: PortalId) => void;
  /** Portals that are open or unlocked now, at whichever gate. */
  readonly setOpen: (portalId: PortalId, isOpen: boolean) => void;
  /** Gates of different groups do not hear each other; those of none are alone. */
  readonly split: (groups: readonly (readonly GateId[])[]) => void;
  readonly heal: () => void;
  readonly restart: (gateId: GateId, keepsRecords: boolean) => void;
  readonly forgive: (gateId: GateId, holder: Holder) => void;
  readonly setCount: (gateId: GateId, areaId: AreaId, persons: number) => void;
  readonly at: (gateId: GateId) => Presence;
  readonly localMs: (gateId: GateId) => number;
  /** Gates that this one counts as silent. */
  readonly silentFor: (gateId: GateId) => ReadonlySet<GateId>;
  /** False for a gate that lost its records and has not heard another since. */
  readonly isInformed: (gateId: GateId) => boolean;
}

interface Node {
  presence: Presence;
  group: number;
  isInformed: boolean;
  /** When each other gate was last heard, in true time. */
  readonly heardMs: Map<GateId, number>;
}

interface Message {
  readonly from: GateId;
  readonly to: GateId;
  readonly delta: PresenceDelta;
  readonly atMs: number;
}

export function makeDoorSite({ rules, gates, startMs, delayMs = () => 0 }: DoorSiteOptions): DoorSite {
  const plan = compileDoorPlan(rules);
  let nowMs = startMs;
  let queue: readonly Message[] = [];
  const open = new Set<PortalId>();
  /** Held open by a double tap, until then in true time. */
  const held = new Map<PortalId, number>();
  const isHeld = (portalId: PortalId) => (held.get(portalId) ?? Number.NEGATIVE_INFINITY) > nowMs;
  const localMs = (gateId: GateId) => nowMs + (gates.get(gateId) ?? 0);
  const nodes = new Map<GateId, Node>(
    [...gates.keys()].map((gateId) => [
      gateId,
      {
        presence: makePresence({ gateId, plan, nowMs: localMs(gateId) }),
        group: 0,
        isInformed: true,
        heardMs: new Map(),
      },
    ]),
  );
  const nodeOf = (gateId: GateId): Node => {
    const node = nodes.get(gateId);
    if (node === undefined) throw new Error("site: no such gate");
    return node;
  };
  /** Links over which both ends exchanged all records since the link stands. */
  const linked = new Set<string>();
  const linkOf = (a: GateId, b: GateId) => [a, b].sort().join();
  const pairs = [...gates.keys()].flatMap((a, index) =>
    [...gates.keys()].slice(index + 1).map((b) => [a, b] as const),
  );

  const silentFor = (gateId: GateId) => {
    const { heardMs } = nodeOf(gateId);
    return new Set(
      [...gates.keys()].filter(
        (other) =>
          other !== gateId && nowMs - (heardMs.get(other) ?? Number.NEGATIVE_INFINITY) > SILENT_AFTER_MS,
      ),
    );
  };
  const broadcast = (from: GateId, delta: PresenceDelta) => {
    if (delta.whereabouts.length + delta.corrections.length === 0) return;
    const messages = [...gates.keys()]
      .filter((to) => to !== from && linked.has(linkOf(from, to)))
      .map((to) => ({ from, to, delta, atMs: nowMs + delayMs() }));
    queue = [...queue, ...messages];
    deliver();
  };
  const deliver = () => {
    const due = queue.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    queue = queue.filter(({ atMs }) => atMs > nowMs);
    for (const { to, delta } of due) nodeOf(to).presence.receive(delta, localMs(to));
  };
  const cut = (a: GateId, b: GateId) => {
    linked.delete(linkOf(a, b));
    queue = queue.filter(({ from, to }) => linkOf(from, to) !== linkOf(a, b));
  };
  const beat = () => {
    for (const [a, b] of pairs) {
      const [left, right] = [nodeOf(a), nodeOf(b)];
      if (left.group !== right.group) continue;
      const isNew = !linked.has(linkOf(a, b));
      const [told, answered] = [left.presence, right.presence];
      const [leftMs, rightMs] = [told.siteMs(localMs(a)), answered.siteMs(localMs(b))];
      told.hear(rightMs, localMs(a));
      answered.hear(leftMs, localMs(b));
      left.heardMs.set(b, nowMs);
      right.heardMs.set(a, nowMs);
      if (!isNew) continue;
      linked.add(linkOf(a, b));
      const [mine, theirs] = [told.saved().records, answered.saved().records];
      told.receive(theirs, localMs(a));
      answered.receive(mine, localMs(b));
      // A gate that just lost its records has nothing to tell another that lost its own.
      if (right.isInformed) left.isInformed = true;
      if (left.isInformed) right.isInformed = true;
    }
  };
  beat();

  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      const end = nowMs + ms;
      // What matters happens at messages and beats; between them nothing changes.
      while (nowMs < end) {
        const next = queue.reduce((first, { atMs }) => Math.min(first, Math.max(atMs, nowMs + 1)), end);
        const beatMs = end - nowMs > 3 * HEARTBEAT_MS ? end - HEARTBEAT_MS : nowMs + HEARTBEAT_MS;
        nowMs = Math.min(end, next, beatMs);
        deliver();
        if (nowMs === beatMs) beat();
      }
    },
    tap: (tap) => {
      const { gateId, portalId } = placeOf(rules, tap.accessPointId);
      const { presence } = nodeOf(gateId);
      const isSecure = (id: PortalId) => !open.has(id) && !isHeld(id);
      const view = { gateId, silentGates: silentFor(gateId), isSecure };
      const judgement = presence.judge(tap, view, localMs(gateId));
      const { doubleTap } = judgement;
      const wasHeld = isHeld(portalId);
      if (doubleTap === undefined && wasHeld) {
        // A door that stands open asks nobody.
        broadcast(gateId, presence.pass(tap, localMs(gateId)));
        return { ...judgement, verdict: "admit", reasons: [] };
      }
      broadcast(gateId, presence.settle(judgement, localMs(gateId) + CONFIRM_MS, localMs(gateId)));
      if (doubleTap === undefined) return judgement;
      const forMs = wasHeld ? 0 : doubleTap.forMs;
      held.set(portalId, nowMs + forMs);
      return { ...judgement, doubleTap: { forMs } };
    },
    opened: (portalId) => {
      const gateId = gateOf(rules, portalId);
      if (gateId !== undefined) broadcast(gateId, nodeOf(gateId).presence.opened(portalId, localMs(gateId)));
    },
    passed: (portalId) => {
      const gateId = gateOf(rules, portalId);
      if (gateId !== undefined) broadcast(gateId, nodeOf(gateId).presence.passed(portalId, localMs(gateId)));
    },
    setOpen: (portalId, isOpen) => {
      if (isOpen) open.add(portalId);
      else open.delete(portalId);
    },
    split: (groups) => {
      let alone = groups.length;
      for (const [gateId, node] of nodes) {
        const group = groups.findIndex((members) => members.includes(gateId));
        node.group = group < 0 ? alone++ : group;
      }
      for (const [a, b] of pairs) if (nodeOf(a).group !== nodeOf(b).group) cut(a, b);
    },
    heal: () => {
      for (const node of nodes.values()) node.group = 0;
    },
    restart: (gateId, keepsRecords) => {
      const node = nodeOf(gateId);
      const saved = node.presence.saved();
      node.presence = makePresence({
        gateId,
        plan,
        nowMs: localMs(gateId),
        ...(keepsRecords ? { saved } : {}),
      });
      node.heardMs.clear();
      if (!keepsRecords) node.isInformed = false;
      for (const other of gates.keys()) if (other !== gateId) cut(gateId, other);
    },
    forgive: (gateId, holder) => broadcast(gateId, nodeOf(gateId).presence.forgive(holder, localMs(gateId))),
    setCount: (gateId, areaId, persons) =>
      broadcast(gateId, nodeOf(gateId).presence.setCount(areaId, persons, localMs(gateId))),
    at: (gateId) => nodeOf(gateId).presence,
    localMs,
    silentFor,
    isInformed: (gateId) => nodeOf(gateId).isInformed,
  };
}

function gateOf({ accessPoints }: DoorRules, portalId: PortalId): GateId | undefined {
  return accessPoints.find((each) => each.portalId === portalId)?.gateId;
}

function placeOf(rules: DoorRules, accessPointId: AccessPointId): DoorRules["accessPoints"][number] {
  const accessPoint = rules.accessPoints.find(({ id }) => id === accessPointId);
  if (accessPoint === undefined) throw new Error("site: no such access point");
  return accessPoint;
}

/** What door stories play at: the rules alone, at gates in one process. */
export function rulesWorldOf({ rules, gates }: Pick<DoorStory, "rules" | "gates">): DoorWorld {
  const site = makeDoorSite({ rules, gates, startMs: DOOR_STORY_START_MS });
  return {
    ...site,
    advanceTo: (atMs) => site.advance(atMs - site.nowMs()),
    tap({ tap }) {
      const { verdict, reasons, doubleTap } = site.tap(tap);
      return { verdict, reasons, ...(doubleTap === undefined ? {} : { holdForMs: doubleTap.forMs }) };
    },
    occupancy: (gateId, areaId) => site.at(gateId).occupancy(areaId, site.localMs(gateId)),
  };
}
