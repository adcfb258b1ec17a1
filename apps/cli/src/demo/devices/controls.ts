import { join } from "node:path";
import { systemTimers } from "@menshen/osdp";
import type { DemoPresent, DemoState } from "@menshen/wire";
import { idOf, unitKey } from "../seed/seed-site.ts";
import { readSite, type Site } from "../site-file.ts";
import { DOORS, GATES } from "../site-plan.ts";
import { resetAfterFire } from "./gate-reset.ts";
import type { HardwareDoor, HardwareGate } from "./hardware.ts";
import { copyOf, type DoorPeople, unknownCard } from "./passing.ts";
import type { Village } from "./village.ts";

/** Ports of the community server, and those through which each gate reaches it. */
export interface CommunityPorts {
  readonly gateTls: { readonly host: string; readonly port: number };
  readonly mqtt: { readonly host: string; readonly port: number };
}

/** What the demo endpoint can do. Undefined or false: there is no such person, card, door, reader or gate. */
export interface DemoControls {
  state(): DemoState;
  /** `busy`: as many people wait at that door as have room. */
  present(order: DemoPresent): boolean | "busy";
  /** A card is copied as far as its kind allows: its holder comes in, and the copy is used at the other gate. */
  clone(cardId: string): boolean | "busy";
  force(portalId: string): boolean;
  hold(portalId: string, seconds: number): boolean;
  exit(portalId: string): boolean;
  network(gateId: string, cut: boolean): boolean;
  reader(readerId: string, pulled: boolean): boolean;
  fire(gateId: string, on: boolean): boolean;
  pace(perMinute: number): void;
  /** Reads what the starter noted of the community, and aims the gates' ways at its ports. */
  load(ports: CommunityPorts): void;
  begin(): void;
}

const RESET_AFTER_FIRE_MS = 5_000;
/**
 * Two gates that nobody reaches from one another within seconds. The copy is used at the one that no schedule holds open:
 * a copy of a card with keys is refused there at any hour.
 */
const CLONE_DOORS = ["east", "north"] as const;
const CLONE_AFTER_MS = 4_000;

export function makeDemoControls(options: {
  readonly stateDir: string;
  readonly gates: readonly HardwareGate[];
  readonly people: ReadonlyMap<string, DoorPeople>;
  readonly village: Village;
}): DemoControls {
  const { stateDir, gates, people, village } = options;
  const doors = new Map<string, HardwareDoor>(
    gates.flatMap((gate) => gate.doors.map((door) => [door.key, door])),
  );
  let site: Site | undefined;

  /** The plan's key behind one of the server's identifiers. */
  const keyOf = (ids: Readonly<Record<string, string>> | undefined, id: string) =>
    Object.entries(ids ?? {}).find(([, value]) => value === id)?.[0];
  const atDoor = (portalId: string, act: (people: DoorPeople) => void): boolean => {
    const key = keyOf(site?.portals, portalId);
    const found = key === undefined ? undefined : people.get(key);
    if (found !== undefined) act(found);
    return found !== undefined;
  };
  const atGate = (gateId: string, act: (gate: HardwareGate) => void): boolean => {
    const key = keyOf(site?.gates, gateId);
    const found = gates.find((gate) => gate.key === key);
    if (found !== undefined) act(found);
    return found !== undefined;
  };
  /** The panel is quiet again, and a while later somebody comes and resets the doors. */
  const resetLater = (gate: HardwareGate) => {
    systemTimers.set(RESET_AFTER_FIRE_MS, () => {
      const portalIds = gate.doors.flatMap(({ key }) => site?.portals[key] ?? []);
      if (!gate.fire) resetAfterFire(join(stateDir, gate.key), portalIds);
    });
  };
  const cardOf = (order: DemoPresent) => {
    if (order.cardId !== undefined) return village.card(order.cardId);
    const person = village.people.find(({ personId }) => personId === order.personId);
    return person?.cards.find(({ lost }) => !lost);
  };

  return {
    state() {
      const known = site;
      if (known === undefined)
        return { perMinute: village.perMinute, people: [], doors: [], gates: [], readers: [] };
      return {
        perMinute: village.perMinute,
        people: village.people.map(({ personId, name, dwellingName, cards }) => ({
          personId,
          name,
          ...(dwellingName === undefined ? {} : { dwellingName }),
          cards: cards.map(({ cardId, kind }) => ({ cardId, kind })),
        })),
        doors: DOORS.map((door) => ({
          portalId: idOf(known.portals, door.key),
          name: door.name,
          gateId: idOf(known.gates, door.gate),
          open: doors.get(door.key)?.door.open ?? false,
          accessPoints: [{ accessPointId: idOf(known.accessPoints, door.key), name: `${door.name}进` }],
        })),
        gates: GATES.map(({ key, name }) => {
          const gate = gates.find((one) => one.key === key);
          return {
            gateId: idOf(known.gates, key),
            name,
            networkCut: gate?.networkCut ?? false,
            fire: gate?.fire ?? false,
          };
        }),
        readers: [
          ...DOORS.map((door) => ({
            readerId: idOf(known.readers, door.key),
            name: `${door.name}读卡器`,
            pulled: doors.get(door.key)?.reader.pulled ?? false,
          })),
          ...gates.map((gate) => ({
            readerId: idOf(known.readers, unitKey(gate.key)),
            name: `${gate.wiring.gate.name}输入输出模块`,
            pulled: gate.unit.pulled,
          })),
        ],
      };
    },
    present(order) {
      const key = keyOf(site?.accessPoints, order.accessPointId);
      const door = key === undefined ? undefined : people.get(key);
      if (door === undefined) return false;
      if (order.as === "unknown") return door.present(unknownCard(), 0) || "busy";
      const held = cardOf(order);
      if (held === undefined) return false;
      return door.present(order.as === "clone" ? copyOf(held.card) : held.card, 0) || "busy";
    },
    clone(cardId) {
      const held = village.card(cardId);
      const [own, other] = CLONE_DOORS.map((key) => people.get(key));
      if (held === undefined || own === undefined || other === undefined) return false;
      if (!own.present(held.card, 0)) return "busy";
      systemTimers.set(CLONE_AFTER_MS, () => other.present(copyOf(held.card), 0));
      return true;
    },
    force: (portalId) => atDoor(portalId, (door) => door.force()),
    hold: (portalId, seconds) => atDoor(portalId, (door) => door.hold(seconds * 1_000)),
    exit: (portalId) => atDoor(portalId, (door) => door.leave(0)),
    network: (gateId, cut) => atGate(gateId, (gate) => gate.cutNetwork(cut)),
    fire: (gateId, on) =>
      atGate(gateId, (gate) => {
        gate.setFire(on);
        if (!on) resetLater(gate);
      }),
    reader(readerId, pulled) {
      const key = keyOf(site?.readers, readerId);
      const reader = key === undefined ? undefined : doors.get(key)?.reader;
      const unit = gates.find((gate) => unitKey(gate.key) === key)?.unit;
      (reader ?? unit)?.setPulled(pulled);
      return reader !== undefined || unit !== undefined;
    },
    pace: (perMinute) => village.setPace(perMinute),
    load(ports) {
      site = readSite(stateDir);
      if (site !== undefined) village.update(site);
      for (const gate of gates) {
        gate.enrolment.aim(ports.gateTls);
        gate.mqtt.aim(ports.mqtt);
      }
    },
    begin: () => village.begin(),
  };
}
