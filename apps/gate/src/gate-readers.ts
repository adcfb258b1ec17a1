import type { AccessPointId, PortalId, ReaderId } from "@menshen/domain";
import type { ByteStream, OutputControl, Timers } from "@menshen/osdp";
import type { Snapshot } from "@menshen/policy";
import type { Logger } from "@menshen/service-kit";
import type { ReaderEvent } from "@menshen/wire";
import type { GateClock } from "./clock/gate-clock.ts";
import { type BusConfig, type GateConfig, type PortalConfig, type ReaderConfig, unitsOf } from "./config.ts";
import type { DriveLock, LockCommand } from "./door/door-machine.ts";
import { type Lift, type LiftFloor, makeLift } from "./door/lift.ts";
import type { Portal, PortalSignal } from "./door/portal.ts";
import { faultName, GateError } from "./errors.ts";
import type { Findings } from "./findings.ts";
import { type InputHistory, makeInputHistory } from "./installer/input-history.ts";
import type { ReaderKeys } from "./keys/reader-keys.ts";
import type { FloodWatch } from "./readers/flood-watch.ts";
import { openGpioLine } from "./readers/gpio-lock.ts";
import { type Indication, indicate } from "./readers/indications.ts";
import { type ReaderBus, startReaderBus } from "./readers/osdp-bus.ts";
import { type PcscReader, startPcscReader } from "./readers/pcsc-reader.ts";
import { isTriggered, type PowerInputs } from "./readers/power-inputs.ts";
import type { ReaderHost } from "./readers/reader-host.ts";
import type { ReaderStates } from "./readers/reader-state.ts";
import { makeRekeying } from "./readers/rekeying.ts";
import type { Journal } from "./store/journal.ts";
import type { ReaderLink } from "./tap/opening-grade.ts";
import type { PinPads } from "./tap/pin-pads.ts";
import type { ReaderPlace } from "./tap/reader-place.ts";
import type { TapDesk } from "./tap/tap-desk.ts";
import { makeTokenBucket, type TokenBucket } from "./tap/token-bucket.ts";

export interface GateReadersOptions {
  readonly config: GateConfig;
  readonly keys: ReaderKeys;
  readonly clock: GateClock;
  readonly journal: Pick<Journal, "append">;
  readonly findings: Findings;
  readonly states: ReaderStates;
  readonly snapshot: () => Snapshot | undefined;
  readonly portals: () => readonly Portal[];
  readonly tapDesk: () => TapDesk;
  /** The floors of a lift, as the door rules say; empty for what is none. */
  readonly floorsOf: (portalId: PortalId) => readonly LiftFloor[];
  readonly pinPads: PinPads;
  readonly power: Pick<PowerInputs, "inputs">;
  readonly floods: Pick<FloodWatch, "admits" | "heldBack">;
  readonly logger: Logger;
  /** How a line is opened at a speed; the port that its configuration names unless told. */
  readonly openLine?: (bus: BusConfig) => (baudRate: number) => Promise<ByteStream>;
  readonly timers?: Timers;
}

/** All readers and units of this gate: who stands where, what their inputs mean, and how locks and lamps are driven. */
export interface GateReaders {
  start(): Promise<void>;
  placeOf(readerId: ReaderId): ReaderPlace | undefined;
  indicate(readerId: ReaderId, indication: Indication): void;
  /** How a portal's lock is driven. @throws {GateError} `config-invalid` for a GPIO line that is not there */
  driverOf(portal: Pick<PortalConfig, "lock">): DriveLock;
  /** What frees the floors of a portal that is a lift; undefined for a door. */
  liftOf(portal: Pick<PortalConfig, "portalId" | "lock">): Lift | undefined;
  signal(portalId: PortalId, signal: PortalSignal): void;
  /** Rules came or changed: lamps tell it. */
  showState(): void;
  /** Called every minute: readers whose keys are old get new ones while nobody is at a door. */
  renewKeys(): void;
  /** @throws {GateError} `request-invalid` for a reader that is not on a bus */
  openInstallWindow(readerId: ReaderId, durationMs: number): void;
  /**
   * Takes for readers without a key those that another gate held for them, and serves them under these.
   *
   * @returns for which @throws {GateError} `disk-full`, `disk-failed`
   */
  adoptKeys(from: Pick<ReaderKeys, "of">): Promise<readonly ReaderId[]>;
  /** The readers that an installer may give a key and that have none. */
  keyless(): readonly ReaderId[];
  /** The lines, while they run. */
  buses(): readonly ReaderBus[];
  readonly history: InputHistory;
  /** The outputs of a unit as it reads them back; undefined if it does not tell. */
  readOutputs(readerId: ReaderId): Promise<readonly number[] | undefined>;
  /** Lamp and sound of a reader. Resolves to whether it took them; never rejects. */
  tell(readerId: ReaderId, indication: Indication): Promise<boolean>;
  stop(): Promise<void>;
}

/** A loose wire makes a reader come and go; beyond this its link events are counted, not journaled. */
const LINK_EVENT_BURST = 60;
const LINK_EVENTS_PER_SECOND = 0.2;
const LINK_EVENTS: ReadonlySet<ReaderEvent> = new Set([
  "online",
  "offline",
  "secure-channel-up",
  "secure-channel-lost",
  "mac-failures",
]);
/** A lock command that the line did not take by then is dropped: a door must not open late. */
const LOCK_EXPIRY_MS = 1_000;

export function makeGateReaders(options: GateReadersOptions): GateReaders {
  const { config, states, findings, floods, journal, clock, logger } = options;
  const onBuses = new Map<ReaderId, ReaderConfig>(
    config.buses.flatMap((bus) => bus.readers.map((reader) => [reader.readerId, reader] as const)),
  );
  const accessPointOf = new Map<ReaderId, AccessPointId>(
    [
      ...onBuses.values(),
      ...config.pcsc,
      ...(config.kiosk?.places ?? []),
      ...(config.plates?.cameras ?? []),
    ].flatMap(({ readerId, accessPointId }) =>
      accessPointId === undefined ? [] : [[readerId, accessPointId] as const],
    ),
  );
  const lifts = new Map<PortalId, Lift>();
  const linkEvents = new Map<ReaderId, TokenBucket>();
  const seen = new Set<ReaderId>();
  const history = makeInputHistory();
  let buses: readonly ReaderBus[] = [];
  let pcsc: readonly PcscReader[] = [];

  const nowMs = () => clock.now().earliest;
  const rekeying = makeRekeying({
    buses: () => buses,
    keys: options.keys,
    states,
    nowMs,
    monotonicMs: () => clock.monotonicMs(),
    stopwatchMs: () => performance.now(),
  });

  const busOf = (readerId: ReaderId): ReaderBus | undefined =>
    buses.find(({ readers }) => readers.some((reader) => reader.readerId === readerId));

  function portalBehind(accessPointId: AccessPointId): Portal | undefined {
    const portalId = options.snapshot()?.accessPoints.find(({ id }) => id === accessPointId)?.portalId;
    return options.portals().find((portal) => portal.portalId === portalId);
  }

  function isLockOutdoors(portalId: PortalId | undefined): boolean {
    const lock = config.portals.find((portal) => portal.portalId === portalId)?.lock;
    return lock !== undefined && unitsOf(lock).some((unit) => onBuses.get(unit)?.role === "reader");
  }

  function placeOf(readerId: ReaderId): ReaderPlace | undefined {
    const accessPointId = accessPointOf.get(readerId);
    if (accessPointId === undefined) return undefined;
    const portal = portalBehind(accessPointId);
    const link: ReaderLink = onBuses.has(readerId) ? "osdp-own-key" : "pcsc";
    const lock = config.portals.find(({ portalId }) => portalId === portal?.portalId)?.lock;
    return {
      accessPointId,
      link,
      portal,
      lockOnOutdoorReader: isLockOutdoors(portal?.portalId),
      ...(lock?.kind === "lift" && portal !== undefined ? { floors: options.floorsOf(portal.portalId) } : {}),
    };
  }

  function record(readerId: ReaderId, event: ReaderEvent, count?: number): void {
    if (LINK_EVENTS.has(event)) {
      const bucket = linkEvents.get(readerId) ?? makeTokenBucket(LINK_EVENT_BURST, LINK_EVENTS_PER_SECOND);
      linkEvents.set(readerId, bucket);
      if (!bucket.take(clock.monotonicMs())) {
        floods.heldBack(readerId);
        return;
      }
    }
    const body = { readerId, event, ...(count === undefined ? {} : { count }) };
    void journal.append({ kind: "reader", body });
  }

  const host: ReaderHost = {
    findings,
    states,
    tryAgain: (readerId) => show(readerId, { kind: "refused" }),
    record,
    cardPresent(readerId, openChannel) {
      if (!floods.admits(readerId)) return Promise.resolve();
      rekeying.acted();
      return options.tapDesk().card(readerId, openChannel);
    },
    numberRead(readerId, card) {
      if (!floods.admits(readerId)) return;
      rekeying.acted();
      void options.tapDesk().number(readerId, card);
    },
    textRead(readerId, card) {
      if (!floods.admits(readerId)) return;
      rekeying.acted();
      void options.tapDesk().text(readerId, card);
    },
    keysPressed(readerId, keys) {
      if (!floods.admits(readerId)) return;
      rekeying.acted();
      options.pinPads.pressed(readerId, keys);
    },
    inputs(readerId, inputStates) {
      options.power.inputs(readerId, inputStates);
      history.observed(readerId, inputStates);
      for (const { portalId, contact, passage, exitButton, fireInput } of config.portals) {
        const portal = options.portals().find((candidate) => candidate.portalId === portalId);
        if (portal === undefined) continue;
        // Fire and button first: an opening reported together with them is theirs.
        const fire = isTriggered(fireInput, readerId, inputStates);
        if (fire !== undefined) portal.fireInput(fire);
        const pressed = isTriggered(exitButton, readerId, inputStates);
        if (pressed !== undefined) portal.exitButton(pressed);
        const open = isTriggered(contact, readerId, inputStates);
        if (open !== undefined) portal.contact(open);
        const passing = isTriggered(passage, readerId, inputStates);
        if (passing !== undefined) portal.passage(passing);
      }
    },
    available(readerId) {
      seen.add(readerId);
      for (const portal of portalsLockedBy(readerId)) portal.lockAvailable();
      showStateAt(readerId);
    },
    unavailable(readerId) {
      if (!seen.has(readerId)) return;
      for (const portal of portalsLockedBy(readerId)) portal.lockUnavailable();
    },
  };

  function portalsLockedBy(readerId: ReaderId): readonly Portal[] {
    const ids = config.portals
      .filter(({ lock }) => unitsOf(lock).includes(readerId))
      .map(({ portalId }) => portalId);
    return options.portals().filter(({ portalId }) => ids.includes(portalId));
  }

  function show(readerId: ReaderId, indication: Indication): void {
    void tell(readerId, indication);
  }

  async function tell(readerId: ReaderId, indication: Indication): Promise<boolean> {
    const reader = onBuses.get(readerId);
    const bus = busOf(readerId)?.bus;
    if (reader?.role !== "reader" || bus === undefined || !states.of(readerId).online) return false;
    const { led, buzzer } = indicate(indication);
    try {
      const told = await Promise.all([
        bus.led(reader.address, [led]),
        ...(buzzer === undefined ? [] : [bus.buzzer(reader.address, buzzer)]),
      ]);
      return told.every(({ accepted }) => accepted);
    } catch (fault) {
      logger.debug({ readerId, code: faultName(fault) }, "not shown");
      return false;
    }
  }

  async function readOutputs(readerId: ReaderId): Promise<readonly number[] | undefined> {
    const reader = onBuses.get(readerId);
    const bus = busOf(readerId)?.bus;
    if (reader === undefined || bus === undefined) return undefined;
    const outcome = await bus.send(reader.address, { kind: "ostat" });
    return outcome.accepted && outcome.reply.kind === "ostatr" ? outcome.reply.outputs : undefined;
  }

  function restingIndication(portal: Pick<Portal, "isStanding"> | undefined): Indication {
    if (options.snapshot() === undefined) return { kind: "out-of-service" };
    return portal?.isStanding() ? { kind: "standing-open" } : { kind: "idle" };
  }

  function showStateAt(readerId: ReaderId): void {
    const place = placeOf(readerId);
    if (place !== undefined) show(readerId, restingIndication(place.portal));
  }

  /** Whether a unit took all of it; undefined while it was not seen. */
  async function drive(readerId: ReaderId, outputs: readonly OutputControl[]): Promise<boolean | undefined> {
    const reader = onBuses.get(readerId);
    const bus = busOf(readerId)?.bus;
    if (reader === undefined || bus === undefined || !seen.has(readerId)) return undefined;
    rekeying.acted();
    const outcome = await bus.output(reader.address, outputs, { expiryMs: LOCK_EXPIRY_MS });
    return outcome.accepted;
  }

  function liftOf({ portalId, lock }: Pick<PortalConfig, "portalId" | "lock">): Lift | undefined {
    const made = lifts.get(portalId);
    if (lock.kind !== "lift" || made !== undefined) return made;
    const lift = makeLift({
      units: lock.units,
      floors: () => options.floorsOf(portalId),
      snapshot: options.snapshot,
      now: () => clock.now(),
      drive: (readerId, commands) =>
        drive(
          readerId,
          commands.map(({ command, output }) => outputControl(command, output)),
        ),
      found: (code, isPresent, accessPointId) => findings.set(code, isPresent, accessPointId),
    });
    lifts.set(portalId, lift);
    return lift;
  }

  return {
    placeOf,
    indicate: show,
    liftOf,
    driverOf({ lock }) {
      if (lock.kind === "osdp-output") {
        return (command) => drive(lock.readerId, [outputControl(command, lock.output)]);
      }
      // A lift is driven through `liftOf`.
      if (lock.kind === "lift") return () => Promise.resolve(undefined);
      const line = openGpioLine(lock.chip, lock.line);
      return (command) => {
        try {
          line.set(command.kind !== "secure");
          return Promise.resolve(true);
        } catch (fault) {
          logger.error({ error: fault }, "a lock's line does not take a value");
          return Promise.resolve(false);
        }
      };
    },
    signal(portalId, signal) {
      const portal = options.portals().find((candidate) => candidate.portalId === portalId);
      for (const [readerId, accessPointId] of accessPointOf) {
        if (portal === undefined || portalBehind(accessPointId) !== portal) continue;
        if (signal === "close-soon" || signal === "close-now") show(readerId, { kind: signal });
        else if (signal === "standing-open") show(readerId, { kind: "standing-open" });
        else if (signal === "locked") show(readerId, { kind: "idle" });
        else show(readerId, restingIndication(portal));
      }
    },
    showState: () => {
      for (const readerId of accessPointOf.keys()) showStateAt(readerId);
    },
    renewKeys: () => rekeying.look(),
    buses: () => buses,
    history,
    readOutputs,
    tell,
    openInstallWindow(readerId, durationMs) {
      const reader = onBuses.get(readerId);
      const bus = busOf(readerId);
      if (reader === undefined || bus === undefined) {
        throw new GateError("request-invalid", `expected a reader on a bus, came \`${readerId}\``);
      }
      bus.openInstallWindow(reader, durationMs);
    },
    async adoptKeys(from) {
      const adopted: ReaderId[] = [];
      for (const bus of buses) {
        const known = bus.readers.filter(({ readerId }) => {
          return options.keys.of(readerId).inForce === undefined && from.of(readerId).inForce !== undefined;
        });
        for (const { readerId } of known) options.keys.adopt(readerId, from.of(readerId));
        if (known.length > 0) await bus.reload();
        adopted.push(...known.map(({ readerId }) => readerId));
      }
      return adopted;
    },
    keyless: () =>
      [...onBuses.values()]
        .filter(({ readerId, secureChannel }) => {
          return secureChannel === "install" && options.keys.of(readerId).inForce === undefined;
        })
        .map(({ readerId }) => readerId),
    async start() {
      const started: ReaderBus[] = [];
      for (const bus of config.buses) {
        started.push(
          await startReaderBus({
            config: bus,
            keys: options.keys,
            host,
            logger,
            nowMs,
            ...(options.openLine === undefined ? {} : { open: options.openLine(bus) }),
            ...(options.timers === undefined ? {} : { timers: options.timers }),
          }),
        );
        buses = [...started];
      }
      // The variable that libpcsclite's own clients take the daemon's socket from.
      const socketPath = process.env.PCSCLITE_CSOCK_NAME;
      const daemon = socketPath === undefined ? {} : { pcsc: { socketPath } };
      pcsc = config.pcsc.map((reader) => startPcscReader({ config: reader, host, logger, ...daemon }));
    },
    async stop() {
      await Promise.all([...buses, ...pcsc].map((line) => line.stop()));
    },
  };
}

/**
 * OUT control codes (SIA OSDP v2.2 table "output control codes"). A grant is a timed release: the unit itself locks
 * again, also when the gate has died meanwhile.
 */
function outputControl(command: LockCommand, output: number): OutputControl {
  switch (command.kind) {
    case "release-for":
      return {
        output,
        control: 5,
        timerTicks: Math.min(Math.max(1, Math.ceil(command.forMs / 100)), 0xffff),
      };
    case "release":
      return { output, control: 2, timerTicks: 0 };
    case "secure":
      return { output, control: 1, timerTicks: 0 };
  }
}
