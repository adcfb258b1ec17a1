import { randomBytes } from "@menshen/crypto/node";
import { MAX_FRAME_BYTES } from "../codes.ts";
import { makeDeframer } from "../frame/deframer.ts";
import type { Frame } from "../frame/frame.ts";
import { type Command, encodeCommand } from "../message/command.ts";
import { OsdpError } from "../osdp-error.ts";
import type { Scbk } from "../secure/scbk.ts";
import { systemTimers } from "../timers.ts";
import type { ByteStreamListener } from "../transport/byte-stream.ts";
import type { Bus, BusOptions, CommandOptions, CommandOutcome, OsdpCardChannel } from "./bus-api.ts";
import { makeCardChannel } from "./card-channel.ts";
import { isFrom } from "./exchange.ts";
import { makeKeyRing } from "./key-ring.ts";
import { makePdMachine, type PdMachine } from "./pd-machine.ts";
import { type BusTiming, checkSettings, DEFAULT_TIMING, type PdSettings } from "./settings.ts";

/** After a guess that cost `t`, no other guess for four times as long: dead readers take a fifth of the line at most. */
const PROBE_REST_FACTOR = 4;
/** While a card talks or the line is full, guesses wait, but not for ever. */
const GUESS_DEFERRAL_MS = 2_000;
/** Silence inside a frame after which its end is no longer expected. */
const INTER_BYTE_MS = 50;
const STRAY_EVENT_PAUSE_MS = 10_000;
/** After an APDU's answer polls of others wait this long for the next APDU … */
const DIALOGUE_GRACE_MS = 1;
/** … but a dialogue does not keep them waiting longer than this in one piece. */
const DIALOGUE_LIMIT_MS = 250;
/** More than any honest line brings in a second; the rest of that second is not looked at. */
const FLOOD_BYTES_A_SECOND = 1_000_000;

interface Station {
  readonly settings: PdSettings;
  readonly machine: PdMachine;
  strayReplies: number;
  strayEventMs: number;
  lastServedMs: number;
}

/** The exchange that has the line. */
interface Turn {
  readonly station: Station;
  readonly sentMs: number;
  /** by then the answer has begun, or there is none */
  readonly deadlineMs: number;
  readonly probe: boolean;
}

/** 89 cipher blocks less their marker byte: with header, block, MAC and CRC that fills a frame. */
const MAX_COMMAND_DATA_BYTES = 89 * 16 - 1;

const NOTHING = () => undefined;

/**
 * Runs one OSDP line as its control panel, from now until `stop`.
 *
 * @throws {OsdpError} `invalid-argument` for no, too many or doubled peripherals
 */
export function makeBus(options: BusOptions): Bus {
  checkSettings(options.pds);
  const timing: BusTiming = { ...DEFAULT_TIMING, ...options.timing };
  const timers = options.timers ?? systemTimers;
  const random = options.random ?? randomBytes;
  const { transport, onEvent } = options;
  const stations = options.pds.map((settings) => makeStation(settings));
  const deframer = makeDeframer();
  let onLine: Turn | undefined;
  let noProbeBeforeMs = 0;
  let guessesWaitSinceMs: number | undefined;
  /** a real line rests for two characters, so that the peripheral can let go of it (SIA OSDP v2.2 §5.7) */
  let quietUntilMs = 0;
  let dialogueEndsMs = 0;
  let othersWaitSinceMs: number | undefined;
  const flood = { secondMs: 0, bytes: 0, told: false };
  let cancelTimer: () => void = () => undefined;
  let stopped = false;
  const happenings: (() => void)[] = [];

  function makeStation(settings: PdSettings): Station {
    const { security } = settings;
    const keyRing = security.kind === "plain" ? undefined : makeKeyRing(security.key, security.offeredKey);
    const machine = makePdMachine({ settings, keyRing, timing, random, emit: onEvent });
    return { settings, machine, strayReplies: 0, strayEventMs: Number.NEGATIVE_INFINITY, lastServedMs: 0 };
  }

  /** Lets a happening take its effect, then gives the next turn. What events cause waits until that is done. */
  function act(happening: () => void): void {
    if (stopped) return;
    happenings.push(happening);
    if (happenings.length > 1) return;
    for (let next = happenings[0]; next !== undefined; next = happenings[0]) {
      try {
        next();
        if (!stopped) turn();
      } finally {
        happenings.shift();
      }
    }
  }

  /** Gives the line to whoever is due, or sets the timer for the next one. */
  function turn(): void {
    const nowMs = timers.now();
    for (const { machine } of stations) machine.tick(nowMs);
    if (onLine === undefined && transport.isOpen && nowMs >= quietUntilMs) {
      const station = nextStation(nowMs);
      if (station !== undefined) give(station, nowMs);
    }
    wakeLater(nowMs);
  }

  /** Commands first, then polls and handshakes, guesses last; within each, whoever has waited longest. */
  function nextStation(nowMs: number): Station | undefined {
    const due = stations.filter(({ machine }) => machine.dueMs(nowMs) <= nowMs);
    const sure = due.filter(({ machine }) => !machine.isProbe());
    const guesses = mayProbe(nowMs) ? due.filter(({ machine }) => machine.isProbe()) : [];
    const commanded = sure.filter(({ machine }) => machine.hasCommand);
    if (commanded.length > 0) return oldest(commanded);
    if (mustWaitForDialogue(nowMs)) return undefined;
    if (guesses.length > 0) guessesWaitSinceMs ??= nowMs;
    const overdue = guessesWaitSinceMs !== undefined && nowMs - guessesWaitSinceMs >= GUESS_DEFERRAL_MS;
    const cardTalks = stations.some(({ machine }) => machine.hasCardListener);
    if (overdue || (sure.length === 0 && !cardTalks)) return oldest(guesses) ?? oldest(sure);
    return oldest(sure);
  }

  function oldest(candidates: readonly Station[]): Station | undefined {
    return candidates.toSorted((a, b) => a.lastServedMs - b.lastServedMs)[0];
  }

  function mustWaitForDialogue(nowMs: number): boolean {
    if (nowMs >= dialogueEndsMs) {
      othersWaitSinceMs = undefined;
      return false;
    }
    othersWaitSinceMs ??= nowMs;
    return nowMs - othersWaitSinceMs < DIALOGUE_LIMIT_MS;
  }

  /** Nobody is kept waiting while nobody is there. */
  function mayProbe(nowMs: number): boolean {
    return nowMs >= noProbeBeforeMs || !stations.some(({ machine }) => machine.isOnline);
  }

  function give(station: Station, nowMs: number): void {
    // Whatever has begun to arrive before cannot be the answer.
    while (deframer.partial) for (const frame of deframer.expire()) receivedFrame(frame);
    const probe = station.machine.isProbe();
    if (probe) guessesWaitSinceMs = undefined;
    const bytes = station.machine.send(nowMs);
    station.lastServedMs = nowMs;
    const deadlineMs = nowMs + timing.replyTimeoutMs + lineTimeMs(bytes.length);
    onLine = { station, sentMs: nowMs, deadlineMs, probe };
    transport.write(bytes);
    waitForReply(deadlineMs);
  }

  function waitForReply(deadlineMs: number): void {
    cancelTimer();
    cancelTimer = timers.set(Math.max(0, deadlineMs - timers.now()), () => act(replyTimedOut));
  }

  function lineTimeMs(bytes: number): number {
    return timing.baudRate === 0 ? 0 : (bytes * 10_000) / timing.baudRate;
  }

  function replyTimedOut(): void {
    // What looked like the start of a long frame may hide the answer.
    for (const frame of deframer.expire()) receivedFrame(frame);
    if (onLine !== undefined) {
      const nowMs = timers.now();
      const { station, sentMs, probe } = onLine;
      onLine = undefined;
      if (probe) noProbeBeforeMs = nowMs + (nowMs - sentMs) * PROBE_REST_FACTOR;
      station.machine.unanswered(nowMs);
    }
  }

  function received(bytes: Uint8Array): void {
    quietUntilMs = timers.now() + lineTimeMs(2);
    if (isFlood(bytes.length)) return;
    for (const frame of deframer.push(bytes)) receivedFrame(frame);
    if (onLine !== undefined && deframer.partial) extendWait(onLine.deadlineMs);
  }

  function isFlood(bytes: number): boolean {
    const nowMs = timers.now();
    if (nowMs - flood.secondMs >= 1_000) Object.assign(flood, { secondMs: nowMs, bytes: 0, told: false });
    flood.bytes += bytes;
    if (flood.bytes <= FLOOD_BYTES_A_SECOND) return false;
    if (!flood.told) onEvent({ kind: "bus", state: "flooded" });
    flood.told = true;
    return true;
  }

  /** A frame has begun: wait for its end, but no longer than the longest frame takes. */
  function extendWait(deadlineMs: number): void {
    const longestMs = deadlineMs + timing.replyTimeoutMs + lineTimeMs(MAX_FRAME_BYTES);
    waitForReply(Math.min(Math.max(deadlineMs, timers.now() + INTER_BYTE_MS), longestMs));
  }

  function receivedFrame(frame: Frame): void {
    const station = stations.find(({ machine }) => isFrom(frame, machine.line));
    if (station === undefined) return;
    if (!station.machine.awaitsReply) {
      strayed(station);
    } else if (station.machine.received(frame, timers.now()) && onLine?.station === station) {
      onLine = undefined;
      if (station.machine.hasCardListener) dialogueEndsMs = timers.now() + DIALOGUE_GRACE_MS;
    }
  }

  function strayed(station: Station): void {
    station.strayReplies += 1;
    const nowMs = timers.now();
    if (nowMs - station.strayEventMs < STRAY_EVENT_PAUSE_MS) return;
    station.strayEventMs = nowMs;
    onEvent({ kind: "stray-reply", address: station.settings.address, count: station.strayReplies });
  }

  function wakeLater(nowMs: number): void {
    if (stopped || onLine !== undefined) return;
    cancelTimer();
    const nextMs = Math.min(...stations.map(({ machine }) => wakeMs(machine, nowMs)));
    if (nextMs < Number.POSITIVE_INFINITY)
      cancelTimer = timers.set(Math.max(0, nextMs - nowMs), () => act(NOTHING));
  }

  function wakeMs(machine: PdMachine, nowMs: number): number {
    const dueMs = machine.dueMs(nowMs);
    const sendMs = machine.isProbe() && dueMs <= nowMs ? Math.max(dueMs, noProbeBeforeMs, nowMs + 10) : dueMs;
    const lineMs = transport.isOpen
      ? Math.max(sendMs, quietUntilMs, Math.min(dialogueEndsMs, nowMs + DIALOGUE_GRACE_MS))
      : Number.POSITIVE_INFINITY;
    return Math.min(lineMs, machine.installWindow.endsMs);
  }

  function stationAt(address: number): Station {
    const station = stations.find(({ settings }) => settings.address === address);
    if (station === undefined)
      throw new OsdpError("invalid-argument", `no peripheral with address \`${address}\``);
    return station;
  }

  function submit(address: number, command: Command, options: CommandOptions = {}, key?: Scbk) {
    const { machine } = stationAt(address);
    if (stopped) return Promise.resolve<CommandOutcome>({ accepted: false, reason: "stopped" });
    const expiryMs = timers.now() + (options.expiryMs ?? timing.commandExpiryMs);
    requireEncodable(command);
    const outcome = machine.submit(command, expiryMs, key);
    act(NOTHING);
    return outcome;
  }

  function openCard(address: number, reader = 0): OsdpCardChannel {
    const { machine } = stationAt(address);
    const { online, capabilities } = machine.status(timers.now());
    if (!online || stopped) throw new OsdpError("reader-offline", `reader ${address} is offline`);
    if (machine.hasCardListener)
      throw new OsdpError("card-refused", `a card channel to reader ${address} is open`);
    return makeCardChannel({
      reader,
      capabilities,
      cardTimeoutMs: timing.cardTimeoutMs,
      timers,
      send: (request) => submit(address, { kind: "xwr", request }),
      hurry(untilMs) {
        machine.hurry(untilMs);
        act(NOTHING);
      },
      setListener: machine.setCardListener,
    });
  }

  const listener: ByteStreamListener = {
    opened() {
      act(() => {
        onEvent({ kind: "bus", state: "connected" });
        for (const { machine } of stations) machine.lineOpened(timers.now());
      });
    },
    received: (bytes) => act(() => received(bytes)),
    closed() {
      act(() => {
        onLine = undefined;
        onEvent({ kind: "bus", state: "disconnected" });
        for (const { machine } of stations) machine.lineClosed(timers.now());
      });
    },
  };
  // Not before the owner has the bus in hand: his event handler may use it.
  queueMicrotask(() => {
    if (!stopped) transport.listen(listener);
  });

  return {
    output: (address, outputs, options) => submit(address, { kind: "out", outputs }, options),
    led: (address, leds, options) => submit(address, { kind: "led", leds }, options),
    buzzer: (address, buzzer, options) => submit(address, { kind: "buz", ...buzzer }, options),
    text: (address, text, options) => submit(address, { kind: "text", ...text }, options),
    comset: (address, line, options) => submit(address, { kind: "comset", ...line }, options),
    keyset: (address, key, options) => submit(address, { kind: "keyset", keyType: 1, key }, options, key),
    mfg: (address, vendor, data, options) => submit(address, { kind: "mfg", vendor, data }, options),
    xwr: (address, request, options) => submit(address, { kind: "xwr", request }, options),
    setMode: (address, mode, config = 0) =>
      submit(address, { kind: "xwr", request: { kind: "set-mode", mode, config } }),
    send: (address, command, options) => submit(address, command, options),
    openCard,
    openInstallWindow(address, durationMs) {
      const { settings, machine } = stationAt(address);
      if (settings.security.kind === "plain") {
        throw new OsdpError("invalid-argument", "an install window needs a key to hand over");
      }
      if (!(durationMs >= 1 && durationMs <= timing.installWindowMaxMs)) {
        throw new OsdpError(
          "invalid-argument",
          `expected 1 to ${timing.installWindowMaxMs} ms, came ${durationMs}`,
        );
      }
      act(() => machine.openInstallWindow(durationMs, timers.now()));
    },
    closeInstallWindow(address) {
      stationAt(address).machine.installWindow.close("operator");
    },
    setPollInterval(address, pollIntervalMs) {
      stationAt(address).machine.setPollInterval(pollIntervalMs);
    },
    status(address) {
      const { machine, strayReplies } = stationAt(address);
      return { ...machine.status(timers.now()), strayReplies };
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      cancelTimer();
      for (const { machine } of stations) machine.stop(timers.now());
      await transport.close();
    },
  };
}

/** What could never go out must not wait in a queue. */
function requireEncodable(command: Command): void {
  const { data } = encodeCommand(command);
  if (data.length > MAX_COMMAND_DATA_BYTES) {
    throw new OsdpError(
      "invalid-argument",
      `${command.kind}: expected at most ${MAX_COMMAND_DATA_BYTES} bytes, came ${data.length}`,
    );
  }
}
