import { GateId } from "@menshen/domain";
import type { CommunityFacts, DoorState, Gate, HealthFinding, Overview } from "@menshen/wire";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import type { GateLink, GateState } from "../../gate-link/index.ts";
import type { AlarmServices } from "../alarms/index.ts";
import { gateView, seenBy, selectAllGates } from "../devices/index.ts";
import type { Directory } from "../directory/index.ts";
import { selectModes } from "../doors/index.ts";
import { doorState } from "./door-state.ts";
import { eventView } from "./event-view.ts";
import { selectEvents, selectLastPortalEvents } from "./events.store.ts";
import { formatLiveCursor } from "./live-cursor.ts";

const LATEST_EVENTS = 100;

export interface OverviewDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly directory: () => Promise<Directory>;
  readonly gateLink: Pick<GateLink, "readGates" | "readGate" | "lastPosition">;
  readonly community: () => Promise<CommunityFacts>;
  readonly findings: () => Promise<readonly HealthFinding[]>;
  readonly alarms: Pick<AlarmServices, "alarms" | "feed">;
}

export type OverviewService = ReturnType<typeof makeOverviewService>;

/** What the live view shows at first. */
export function makeOverviewService(dependencies: OverviewDependencies) {
  const { db, clock, directory, gateLink, community, findings, alarms } = dependencies;
  return {
    async read(actor: Actor): Promise<Overview> {
      authorise(actor, "events.read");
      // Read first: what happens while the rest is read comes again over the live stream, and nothing is missed.
      const cursor = { event: await gateLink.lastPosition(), alarm: await alarms.feed.last() };
      const names = await directory();
      const events = await selectEvents(db, {}, LATEST_EVENTS);
      const states = await gateLink.readGates();
      return {
        at: clock.now(),
        community: await community(),
        doors: await readDoors(db, names, states),
        gates: await readGates(db, states, gateLink),
        findings: [...seenBy(actor, await findings())],
        events: events.slice(0, LATEST_EVENTS).map((event) => eventView(event, names)),
        ...optional("alarms", await alarms.alarms.standing(actor)),
        liveCursor: formatLiveCursor(cursor),
      };
    },
  };
}

/** State of all doors, or of those of one gate, in the order of their names. */
export async function readDoors(
  db: Database,
  names: Directory,
  gates: readonly GateState[],
  onlyGateId?: string,
): Promise<DoorState[]> {
  const portals = [...names.portals.values()].filter(
    (portal) => !portal.removed && (onlyGateId === undefined || portal.gateId === onlyGateId),
  );
  const lastEvents = await selectLastPortalEvents(
    db,
    portals.map((portal) => portal.id),
  );
  const modes = new Map((await selectModes(db, onlyGateId)).map((mode) => [mode.portalId, mode]));
  const states = new Map<string, GateState>(gates.map((state) => [state.gateId, state]));
  return portals.map((portal) =>
    doorState(portal, states.get(portal.gateId), modes.get(portal.id), lastEvents.get(portal.id)),
  );
}

async function readGates(
  db: Database,
  states: readonly GateState[],
  gateLink: Pick<GateLink, "readGate">,
): Promise<Gate[]> {
  const known = new Map<string, GateState>(states.map((state) => [state.gateId, state]));
  const records = await selectAllGates(db);
  return Promise.all(
    records.map(async (record) =>
      gateView(record, known.get(record.id) ?? (await gateLink.readGate(GateId(record.id)))),
    ),
  );
}
