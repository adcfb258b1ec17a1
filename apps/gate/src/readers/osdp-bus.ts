import { randomBytes } from "@menshen/crypto/node";
import type { ReaderId } from "@menshen/domain";
import {
  type Bus,
  type BusEvent,
  type ByteStream,
  type LineVerdict,
  makeBus,
  openTransport,
  type PdSettings,
  parseWhere,
  probeLine,
  type SecureChannelLoss,
  systemTimers,
  type Timers,
} from "@menshen/osdp";
import type { Logger } from "@menshen/service-kit";
import type { BusConfig, ReaderConfig } from "../config.ts";
import { faultName, GateError } from "../errors.ts";
import type { ReaderKeys } from "../keys/reader-keys.ts";
import { cardChannelOf } from "./osdp-card-channel.ts";
import type { ReaderHost } from "./reader-host.ts";

/** One OSDP line of this gate. */
export interface ReaderBus {
  readonly bus: Bus;
  readonly readers: readonly ReaderConfig[];
  /**
   * For this long the reader may be given its key through SCBK-D. INVARIANT: a person asked for it, never the program: a
   * reader that lost its key, or a box in its place, looks the same on the line.
   *
   * @throws {OsdpError} `invalid-argument`
   */
  openInstallWindow(reader: ReaderConfig, durationMs: number): void;
  /** Gives a reader that is there a new key of its own. Resolves when it has it or keeps the old one; never rejects. */
  rekey(reader: ReaderConfig): Promise<void>;
  /**
   * Takes the line from its readers for some seconds to find out what is wrong with it, then serves them again. Resolves
   * when all that answered are back, or did not come back in time.
   */
  probe(): Promise<LineVerdict>;
  /** Serves the readers anew, under the keys that are stored now. Resolves as {@link ReaderBus.probe} does. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** The speed that every OSDP device knows (SIA OSDP v2.2 §5.1). */
const DEFAULT_BAUD = 9_600;
/** How long readers may take to come back behind a probe. */
const BACK_AGAIN_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** Losses of the secure channel that the gate itself causes. */
const OWN_DOING: ReadonlySet<SecureChannelLoss> = new Set(["rekey", "install-window-closed", "stopped"]);

/**
 * Runs a line: serves its readers under their own keys or not at all, hands keys over in install windows, and turns
 * what the line tells into journal entries, findings, taps and inputs.
 *
 * @throws {OsdpError} `invalid-where`, `transport-failed`
 */
export async function startReaderBus(options: {
  readonly config: BusConfig;
  readonly keys: ReaderKeys;
  readonly host: ReaderHost;
  readonly logger: Logger;
  /** The gate's time, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Opens the line at a speed; the port that the configuration names unless told. */
  readonly open?: (baudRate: number) => Promise<ByteStream>;
  readonly timers?: Timers;
}): Promise<ReaderBus> {
  const { config, keys, host, logger, timers = systemTimers } = options;
  const baudRate = config.baud ?? DEFAULT_BAUD;
  const open = options.open ?? ((speed: number) => openTransport(config.transport, { baudRate: speed }));
  const byAddress = new Map(config.readers.map((reader) => [reader.address, reader]));
  /**
   * Readers that get a key of their own as soon as they were taken over: one that was put in another's place got that
   * one's key, because the line hands over the key it has.
   */
  const rotating = new Set<ReaderId>();
  /** When each install window ends by itself, on the timers' clock: a probe must not cut it short. */
  const windows = new Map<ReaderId, number>();

  function settingsOf(reader: ReaderConfig): PdSettings {
    const { inForce, offered } = keys.of(reader.readerId);
    const key = inForce ?? offered ?? keys.offer(reader.readerId);
    return {
      address: reader.address,
      security: {
        kind: "secure-channel",
        key,
        ...(inForce !== undefined && offered !== undefined ? { offeredKey: offered } : {}),
      },
      ...(reader.role === "reader" && reader.channel === "apdu" ? { cardMode: 1 } : {}),
    };
  }

  /** Events that say something about a reader's link come often when a wire is loose; only changes are told. */
  function linkChanged(reader: ReaderConfig, event: BusEvent): void {
    const { readerId } = reader;
    const before = host.states.of(readerId);
    switch (event.kind) {
      case "online":
        host.findings.clear("reader-not-answering", readerId);
        host.findings.clear("reader-key-refused", readerId);
        host.findings.clear("reader-key-missing", readerId);
        if (host.states.change(readerId, { online: true, secureChannel: "own-key" }))
          host.record(readerId, "online");
        readInputs(reader);
        host.available(readerId);
        if (rotating.delete(readerId)) void rekey(reader);
        return;
      case "offline":
        // The gate hangs up itself: nothing is known of the reader, and nothing is wrong with it.
        if (event.reason === "stopped") return;
        host.states.change(readerId, { online: false, secureChannel: "none" });
        if (before.online) host.record(readerId, "offline");
        // Without the key it is not served, but it answers: whoever looks for a broken wire would look in vain.
        host.findings.set("reader-not-answering", event.reason !== "key-mismatch", readerId);
        if (event.reason === "no-reply") {
          host.findings.clear("reader-key-refused", readerId);
          host.findings.clear("reader-key-missing", readerId);
        }
        host.unavailable(readerId);
        return;
      case "secure-channel":
        if (event.state === "established") {
          const state = event.key === "scbk" ? "own-key" : "install";
          host.states.change(readerId, { secureChannel: state });
          if (event.key === "scbk") host.record(readerId, "secure-channel-up");
        } else if (event.state === "lost") {
          host.states.change(readerId, { secureChannel: "none" });
          if (!OWN_DOING.has(event.cause)) host.record(readerId, "secure-channel-lost");
        } else {
          const missing = keys.of(readerId).inForce === undefined;
          host.findings.raise(missing ? "reader-key-missing" : "reader-key-refused", readerId);
        }
        return;
      default:
        return;
    }
  }

  function healthChanged(reader: ReaderConfig, event: BusEvent): void {
    const { readerId } = reader;
    switch (event.kind) {
      case "tamper":
        // A lost channel or a wrong key is told by its own event and finding.
        if (event.cause !== "reported") return;
        if (host.states.change(readerId, { tamper: event.active })) {
          host.record(readerId, event.active ? "tamper-on" : "tamper-off");
        }
        host.findings.set("reader-tampered", event.active, readerId);
        return;
      case "power":
        if (host.states.change(readerId, { powerFault: event.failed })) {
          host.record(readerId, event.failed ? "power-fault" : "power-restored");
        }
        host.findings.set("reader-power-fault", event.failed, readerId);
        return;
      case "mac-failure":
        if (!event.alarm) return;
        host.record(readerId, "mac-failures", event.count);
        host.findings.raise("reader-mac-failures", readerId);
        return;
      case "install-window":
        if (event.state === "closed" && event.cause !== "used") rotating.delete(readerId);
        if (event.state === "closed") windows.delete(readerId);
        host.record(readerId, event.state === "opened" ? "install-window-opened" : "install-window-closed");
        host.findings.set("reader-install-window-open", event.state === "opened", readerId);
        logger.warn({ readerId, event: event.state, code: event.cause }, "install window");
        return;
      case "key-set":
        confirmKey(reader);
        return;
      default:
        return;
    }
  }

  function confirmKey({ readerId }: ReaderConfig): void {
    try {
      keys.confirm(readerId, options.nowMs());
    } catch (fault) {
      // Both keys are on the disk since the offer: the next start finds out which one the reader holds.
      logger.error({ readerId, error: fault }, "the new key of a reader could not be stored as confirmed");
    }
    host.record(readerId, "key-set");
    host.findings.clear("reader-key-missing", readerId);
  }

  async function rekey({ readerId, address }: ReaderConfig): Promise<void> {
    try {
      const outcome = await bus.keyset(address, keys.offer(readerId));
      if (!outcome.accepted) logger.warn({ readerId, code: outcome.reason }, "the reader keeps its old key");
    } catch (fault) {
      // Nothing was sent: the key in force stays.
      logger.error({ readerId, error: fault }, "no new key for a reader could be stored");
    }
  }

  function personsAct(reader: ReaderConfig, event: BusEvent): void {
    if (reader.role !== "reader") return;
    const { readerId } = reader;
    switch (event.kind) {
      case "card-raw":
      case "card-formatted":
      case "keypad":
        if (!event.secure) return;
        // Whoever held up that card or pressed those keys may have left long ago.
        if (event.stale) {
          logger.info({ readerId, event: event.kind }, "kept from before, not acted on");
          host.tryAgain(readerId);
        } else if (event.kind === "keypad") host.keysPressed(readerId, event.digits);
        else if (event.kind === "card-formatted") host.textRead(readerId, event);
        else host.numberRead(readerId, event);
        return;
      case "xrd": {
        const { report, secure } = event;
        if (!secure || report.kind !== "card-present" || report.status === "absent") return;
        void host.cardPresent(readerId, () => cardChannelOf(bus.openCard(reader.address, report.reader)));
        return;
      }
      default:
        return;
    }
  }

  function onEvent(event: BusEvent): void {
    if (event.kind === "bus") {
      // Findings are about readers and portals: the first reader stands for its line.
      host.findings.set("bus-disconnected", event.state === "disconnected", config.readers[0]?.readerId);
      logger.info({ event: event.state, what: config.id }, "bus");
      return;
    }
    const reader = byAddress.get(event.address);
    if (reader === undefined) return;
    if (event.kind === "input" && event.secure) host.inputs(reader.readerId, event.states);
    else if (event.kind === "nak")
      logger.debug({ readerId: reader.readerId, code: event.command }, "refused");
    linkChanged(reader, event);
    healthChanged(reader, event);
    personsAct(reader, event);
  }

  function readInputs(reader: ReaderConfig): void {
    if (reader.role !== "io") return;
    bus.send(reader.address, { kind: "istat" }).catch((fault: unknown) => {
      logger.warn({ readerId: reader.readerId, code: faultName(fault) }, "inputs could not be read");
    });
  }

  function startBus(transport: ByteStream): Bus {
    return makeBus({
      transport,
      pds: config.readers.map(settingsOf),
      onEvent,
      timers,
      timing: config.baud === undefined ? {} : { baudRate: config.baud },
    });
  }

  let bus = startBus(await open(baudRate));
  let stopped = false;

  async function probe(): Promise<LineVerdict> {
    const windowsBefore = [...windows];
    await bus.stop();
    try {
      return await probeLine({
        open,
        baudRate,
        hasSpeed: options.open !== undefined || parseWhere(config.transport).kind === "serial",
        pds: config.readers.map(({ readerId, address }) => {
          const { inForce, offered } = keys.of(readerId);
          return { address, keys: [inForce, offered].filter((key) => key !== undefined) };
        }),
        timers,
        random: randomBytes,
      });
    } finally {
      if (!stopped) await serveAgain(windowsBefore);
    }
  }

  async function reload(): Promise<void> {
    const windowsBefore = [...windows];
    await bus.stop();
    if (!stopped) await serveAgain(windowsBefore);
  }

  async function serveAgain(windowsBefore: readonly (readonly [ReaderId, number])[]): Promise<void> {
    const wereThere = config.readers.filter(({ readerId }) => host.states.of(readerId).online);
    bus = startBus(await open(baudRate));
    for (const [readerId, endsMs] of windowsBefore) {
      const reader = config.readers.find((candidate) => candidate.readerId === readerId);
      const leftMs = endsMs - timers.now();
      if (reader !== undefined && leftMs > 1) openInstallWindow(reader, leftMs);
    }
    const untilMs = timers.now() + BACK_AGAIN_MS;
    while (timers.now() < untilMs && wereThere.some(({ address }) => !bus.status(address).online)) {
      await new Promise<void>((resolve) => timers.set(LOOK_AGAIN_MS, resolve));
    }
  }

  function openInstallWindow(reader: ReaderConfig, durationMs: number): void {
    if (byAddress.get(reader.address)?.readerId !== reader.readerId) {
      throw new GateError("request-invalid", "expected a reader of this bus");
    }
    if (keys.of(reader.readerId).inForce !== undefined) rotating.add(reader.readerId);
    windows.set(reader.readerId, timers.now() + durationMs);
    bus.openInstallWindow(reader.address, durationMs);
  }

  return {
    get bus() {
      return bus;
    },
    readers: config.readers,
    openInstallWindow,
    rekey,
    probe,
    reload,
    stop() {
      stopped = true;
      return bus.stop();
    },
  };
}
