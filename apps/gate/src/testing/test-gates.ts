import { fromHex, p256Generate } from "@menshen/crypto/node";
import {
  type AccessPointId,
  type AreaId,
  type DoorRules,
  type GateId,
  type Holder,
  Instant,
  type PortalId,
  ReaderId,
  type Reason,
} from "@menshen/domain";
import { makeLogger } from "@menshen/service-kit";
import {
  type AccessEntry,
  type CommandMessage,
  type CommandResult,
  commandMessage,
  commandResult,
  uuidBytes,
} from "@menshen/wire";
import { makeGateClock } from "../clock/gate-clock.ts";
import { makeDrivenClock } from "../clock/injected-clock-source.ts";
import { openCommandDesk } from "../commands/command-desk.ts";
import type { LockCommand } from "../door/door-machine.ts";
import { makePortal, type Portal, type PortalSignal } from "../door/portal.ts";
import { makeFindings } from "../findings.ts";
import { openGatePresence } from "../gate-presence.ts";
import { openHeldDocuments } from "../held/held-documents.ts";
import { makeSeal } from "../keys/seal.ts";
import type { PresenceRoom } from "../presence/presence-room.ts";
import type { JournalRecord } from "../store/journal.ts";
import { makeStateKeeper } from "../store/state-keeper.ts";
import { makeTapDesk } from "../tap/tap-desk.ts";
import { TEST_COMMUNITY_ID } from "./test-community.ts";
import { makeTestPublisher, type SentDocument, type TestPerson, uidOf } from "./test-door-documents.ts";
import { makeVirtualNetwork, type VirtualNetwork } from "./virtual-network.ts";

const logger = makeLogger({ app: "gate", level: "error" });
/** Nothing of it is shown on a network without lines. */
const papers = { certificate: new Uint8Array(), ca: new Uint8Array(), deviceKey: p256Generate() };

/** A gate from the reader's message to the lock's command, with its own disk, clock and documents; lines are virtual. */
export interface TestGate {
  readonly room: PresenceRoom;
  /** Everything that it journaled since the story began, restarts included. */
  readonly entries: readonly JournalRecord[];
  /** What locks and sounds were told, in order. */
  readonly told: readonly string[];
  readonly results: readonly CommandResult[];
  receive(document: SentDocument): Promise<void>;
  /** Holds up a card and says what the gate journaled of it, and for how long a door is held open by it. */
  tap(accessPointId: AccessPointId, credential: string): Promise<TapOutcome>;
  portal(portalId: PortalId): Portal;
  command(command: Pick<CommandMessage, "kind" | "subject" | "holder" | "count">): Promise<void>;
  moveTo(trueMs: number): Promise<void>;
  restart(keepsRecords: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface TapOutcome {
  /** What the journal says. */
  readonly granted: boolean;
  readonly journaled: AccessEntry["body"]["reasons"];
  /** What the door rules said, with what the journal does not tell. */
  readonly reasons: readonly Reason[];
  /** The tap holds the door open for so long; 0 lets it go. */
  readonly heldForMs?: number;
}

interface Rooms {
  readonly presence: Awaited<ReturnType<typeof openGatePresence>>;
  readonly portals: readonly Portal[];
  readonly desk: ReturnType<typeof makeTapDesk>;
  readonly commands: Awaited<ReturnType<typeof openCommandDesk>>;
}

const settle = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};
const readerOf = (accessPointId: AccessPointId) => ReaderId(accessPointId);

interface TestGateOptions {
  readonly gateId: GateId;
  readonly rules: DoorRules;
  readonly startMs: number;
  /** How far its clock is ahead of true time. */
  readonly aheadMs: number;
  readonly network: VirtualNetwork;
  /** Portals with a sensor of passages. */
  readonly sensors: ReadonlySet<PortalId>;
  readonly publisher: Pick<Awaited<ReturnType<typeof makeTestPublisher>>, "policyKey" | "sealingKey">;
}

async function makeTestGate(options: TestGateOptions): Promise<TestGate> {
  const { gateId, rules, startMs, aheadMs, network, publisher, sensors } = options;
  const localMs = startMs + aheadMs;
  const driven = makeDrivenClock(localMs, 0, "b");
  const clock = makeGateClock({
    source: driven.source,
    driftPpm: 0,
    saved: { bootId: "b", wallMs: localMs, monotonicMs: 0, earliestMs: localMs, latestMs: localMs },
  });
  const seal = makeSeal(new Uint8Array(32).fill(9));
  const entries: JournalRecord[] = [];
  const told: string[] = [];
  const results: CommandResult[] = [];
  const journal = {
    append: async (record: JournalRecord) => ({ stored: true as const, sequence: entries.push(record) }),
    saveFireLatch: () => undefined,
  };
  const places = rules.accessPoints.filter((point) => point.gateId === gateId);
  const ownPortals = [...new Set(places.map(({ portalId }) => portalId))];
  let keeper = makeStateKeeper(":memory:");
  let rooms: Rooms | undefined;
  let commandNumber = 0;
  let heldForMs: number | undefined;
  let answered: readonly Reason[] = [];

  const held = await openHeldDocuments({
    state: { documents: async () => [], save: async () => undefined },
    seal,
    identity: { gateId, communityId: TEST_COMMUNITY_ID, ...publisher },
    earliestMs: () => clock.now().earliest,
    unreadable: (fault) => {
      throw fault;
    },
    changed() {
      rooms?.presence.review();
      for (const portal of rooms?.portals ?? []) portal.refresh();
    },
  });
  const findings = makeFindings(() => undefined);
  const state = {
    presence: async () => keeper.presence(),
    savePresence: async (...args: Parameters<typeof keeper.savePresence>) => keeper.savePresence(...args),
    commands: async () => keeper.commands(),
    saveCommand: async (...args: Parameters<typeof keeper.saveCommand>) => keeper.saveCommand(...args),
  };

  async function open(): Promise<Rooms> {
    let portals: readonly Portal[] = [];
    const presence = await openGatePresence({
      config: { site: undefined },
      identity: () => ({ gateId, ...papers }),
      held,
      portals: () => portals,
      state,
      seal,
      clock,
      journal,
      findings,
      logger,
      startNetwork: network.start(gateId),
    });
    const { room } = presence;
    portals = ownPortals.map((portalId, at) => {
      const portal = makePortal({
        config: {
          portalId,
          lock: { kind: "gpio", chip: "virtual", line: at },
          contact: { readerId: ReaderId(portalId), input: 0, normallyClosed: true },
          passage: sensors.has(portalId)
            ? { readerId: ReaderId(portalId), input: 1, normallyClosed: false }
            : undefined,
          exitButton: undefined,
          fireInput: undefined,
        },
        source: driven.source,
        clock,
        journal,
        drive: async ({ kind }: LockCommand) => told.push(`${portalId} ${kind}`) > 0,
        snapshot: held.snapshot,
        mode: () => ({ mode: "normal", lockdown: 0, generation: 1 }),
        fireLatched: false,
        signal: (signal: PortalSignal) => told.push(`${portalId} ${signal}`),
        behaviour: () => presence.behaviourOf(portalId),
        opened: () => room.opened(portalId),
        passed: () => room.passed(portalId),
        changed: () => undefined,
      });
      return {
        ...portal,
        holdFor(forMs) {
          heldForMs = forMs;
          portal.holdFor(forMs);
        },
        endHold() {
          heldForMs = 0;
          portal.endHold();
        },
      };
    });
    for (const portal of portals) {
      portal.refresh();
      portal.contact(false);
      portal.passage(false);
    }
    const desk = makeTapDesk({
      clock,
      journal,
      snapshot: held.snapshot,
      cardKeys: held.cardKeys,
      counterGuard: async () => undefined,
      inPublicLog: async () => true,
      presence: {
        refusals: room.refusals,
        refusesVisitor: room.refusesVisitor,
        answer(...asked) {
          const answer = room.answer(...asked);
          answered = answer.reasons;
          return answer;
        },
      },
      placeOf(readerId) {
        const place = places.find(({ id }) => readerOf(id) === readerId);
        const portal = portals.find(({ portalId }) => portalId === place?.portalId);
        return place && { accessPointId: place.id, link: "osdp-own-key", portal, lockOnOutdoorReader: false };
      },
      indicate: () => undefined,
      floods: { heldBack: () => undefined },
      logger,
    });
    const commands = await openCommandDesk({
      identity: { gateId },
      clock,
      state,
      portals: () => portals,
      presence: room,
      atDoor: { holderOf: () => undefined },
      callHeard: () => false,
    });
    commands.connected(async (result) => void results.push(commandResult.decode(result)));
    return { presence, portals, desk, commands };
  }
  async function close(): Promise<void> {
    for (const portal of rooms?.portals ?? []) portal.stop();
    await rooms?.presence.stop();
  }
  const running = (): Rooms => {
    if (rooms === undefined) throw new Error("expected a gate that runs");
    return rooms;
  };
  rooms = await open();

  return {
    get room() {
      return running().presence.room;
    },
    entries,
    told,
    results,
    async receive({ kind, message }) {
      const outcome = await held.receive(kind, message);
      if (!outcome.ok) throw new Error(`${kind}: ${outcome.error}`);
    },
    async tap(accessPointId, credential) {
      const before = entries.length;
      heldForMs = undefined;
      answered = [];
      await running().desk.number(readerOf(accessPointId), {
        reader: 0,
        format: 0,
        bitCount: 32,
        bits: uidOf(credential),
      });
      await settle();
      const entry = entries.slice(before).find((record) => record.kind === "access");
      if (entry === undefined) throw new Error("expected an entry");
      const { granted, reasons: journaled } = entry.body;
      return { granted, journaled, reasons: answered, ...(heldForMs === undefined ? {} : { heldForMs }) };
    },
    portal(portalId) {
      const portal = running().portals.find((candidate) => candidate.portalId === portalId);
      if (portal === undefined) throw new Error("expected a door of this gate");
      return portal;
    },
    async command(command) {
      const { earliest } = clock.now();
      const commandId = new Uint8Array(16);
      new DataView(commandId.buffer).setUint32(0, ++commandNumber);
      const message = commandMessage.encode({
        version: 1,
        gateId,
        commandId,
        issuedAt: earliest,
        expiresAt: Instant(earliest + 10_000),
        ...command,
      });
      await running().commands.receive(message);
    },
    async moveTo(trueMs) {
      await driven.moveTo(trueMs + aheadMs, trueMs - startMs, settle);
      await settle();
    },
    async restart(keepsRecords) {
      await close();
      if (!keepsRecords) {
        keeper.close();
        keeper = makeStateKeeper(":memory:");
      }
      rooms = await open();
    },
    async stop() {
      await close();
      keeper.close();
    },
  };
}

/** Gates of one community, on clocks that only move when told. */
export interface TestGates {
  at(gateId: GateId): TestGate;
  advanceTo(atMs: number): Promise<void>;
  tap(accessPointId: AccessPointId, credential: string): Promise<TapOutcome>;
  /** The gate that a door is wired to. */
  of(portalId: PortalId): TestGate;
  readonly network: Pick<VirtualNetwork, "split" | "heal">;
  restart(gateId: GateId, keepsRecords: boolean): Promise<void>;
  forgive(gateId: GateId, holder: Holder): Promise<void>;
  setCount(gateId: GateId, areaId: AreaId, persons: number): Promise<void>;
  /** New holders for everybody, as with a new epoch. */
  publishKeyring(version: number, people: readonly TestPerson[]): Promise<void>;
  stop(): Promise<void>;
}

const HEARTBEAT_MS = 1_000;

/** @param options.gates with how far their clocks are ahead */
export async function makeTestGates(options: {
  readonly rules: DoorRules;
  readonly gates: ReadonlyMap<GateId, number>;
  readonly people: readonly TestPerson[];
  readonly startMs: number;
  /** Portals with a sensor of passages; none unless told. */
  readonly sensors?: ReadonlySet<PortalId>;
}): Promise<TestGates> {
  const { rules, people, startMs, sensors = new Set() } = options;
  let nowMs = startMs;
  const network = makeVirtualNetwork(() => nowMs);
  const publisher = await makeTestPublisher(rules, people, startMs);
  const gates = new Map<GateId, TestGate>();
  for (const [gateId, aheadMs] of options.gates) {
    const gate = await makeTestGate({ gateId, rules, startMs, aheadMs, network, publisher, sensors });
    await gate.receive(publisher.snapshot(gateId));
    await gate.receive(await publisher.keyring(gateId, 1, people));
    await gate.receive(publisher.doorRules(gateId, 1, rules));
    gates.set(gateId, gate);
  }
  network.beat();

  const at = (gateId: GateId): TestGate => {
    const gate = gates.get(gateId);
    if (gate === undefined) throw new Error("expected a gate of this site");
    return gate;
  };
  const gateOf = (place: { readonly gateId: GateId } | undefined) => {
    if (place === undefined) throw new Error("expected a door of this site");
    return at(place.gateId);
  };
  return {
    at,
    network,
    async advanceTo(atMs) {
      while (nowMs < atMs) {
        // Nothing happens between; only the last heartbeats matter.
        nowMs = atMs - nowMs > 3 * HEARTBEAT_MS ? atMs - HEARTBEAT_MS : Math.min(atMs, nowMs + HEARTBEAT_MS);
        for (const gate of gates.values()) await gate.moveTo(nowMs);
        network.beat();
      }
    },
    tap: (accessPointId, credential) =>
      gateOf(rules.accessPoints.find(({ id }) => id === accessPointId)).tap(accessPointId, credential),
    of: (portalId) => gateOf(rules.accessPoints.find((point) => point.portalId === portalId)),
    restart: (gateId, keepsRecords) => at(gateId).restart(keepsRecords),
    forgive: (gateId, holder) => at(gateId).command({ kind: "forgive", holder: fromHex(holder) }),
    setCount: (gateId, areaId, count) =>
      at(gateId).command({ kind: "set-count", subject: uuidBytes(areaId), count }),
    async publishKeyring(version, persons) {
      for (const [gateId, gate] of gates)
        await gate.receive(await publisher.keyring(gateId, version, persons));
    },
    async stop() {
      for (const gate of gates.values()) await gate.stop();
    },
  };
}
