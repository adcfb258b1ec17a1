import { MAX_FRAME_BYTES, NakReason } from "../codes.ts";
import { type Frame, nextSequence, type Sequence } from "../frame/frame.ts";
import type { Command } from "../message/command.ts";
import type { PdCapability, PdIdentity, Reply } from "../message/reply.ts";
import type { Scbk } from "../secure/scbk.ts";
import type { SecureSession } from "../secure/session.ts";
import { makeAnnouncer } from "./announcer.ts";
import type { CommandOutcome, PdStatus } from "./bus-api.ts";
import type { OfflineReason, SecureChannelLoss } from "./bus-event.ts";
import { makeCommandQueue, type QueuedCommand } from "./command-queue.ts";
import { beginExchange, type Exchange, isExpected, judgeReply } from "./exchange.ts";
import {
  abandonHandshake,
  challengeWith,
  challengeWithDefaultKey,
  type Handshake,
  type HandshakeKey,
  handshakeCommand,
  stepHandshake,
} from "./handshake.ts";
import { makeInstallWindow } from "./install-window.ts";
import type { KeyRing } from "./key-ring.ts";
import { makeMacGuard } from "./mac-guard.ts";
import type { CardListener, PdMachineDeps, Phase } from "./pd-link.ts";
import { makeReporter } from "./report.ts";
import { DEFAULT_POLL_INTERVAL_MS } from "./settings.ts";

/** The panel's side of one link. The bus asks it what to send and tells it what came; it owns no timer and no line. */
export type PdMachine = ReturnType<typeof makePdMachine>;

const ATTEMPTS_IN_HANDSHAKE = 3;
const REFUSED_POLLS = 5;
/** Gap between polls while a card's answer is awaited: short for the tap, long enough not to spin. */
const HURRIED_POLL_MS = 2;
/** Online for this long, a link counts as steady. */
const STEADY_MS = 10_000;

const NOT_SECURE: CommandOutcome = { accepted: false, reason: "not-secure" };

export function makePdMachine({ settings, keyRing, timing, random, emit }: PdMachineDeps) {
  const address = settings.address;
  const queue = makeCommandQueue();
  const guard = makeMacGuard();
  const installWindow = makeInstallWindow(address, emit);
  const announcer = makeAnnouncer(address, emit);
  const eventsOf = makeReporter(address);

  let phase: Phase = { at: "down" };
  let line = settings;
  let session: SecureSession | undefined;
  let lastSequence: Sequence | undefined;
  let exchange: Exchange | undefined;
  /** the owner's command that `exchange` carries; undefined for polls and the machine's own */
  let owned: QueuedCommand | undefined;
  /** the owner's KEYSET between its acknowledgement and the handshake that proves the key */
  let unproved: QueuedCommand | undefined;
  /** a key was given under SCBK-D and is not proved yet */
  let handingOver = false;
  let identity: PdIdentity | undefined;
  let capabilities: readonly PdCapability[] = [];
  let onlineSinceMs = 0;
  let lastReplyMs = 0;
  let nextPollMs = 0;
  let hurryUntilMs = 0;
  let pollIntervalMs = settings.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS;
  let backoffMs = timing.reconnectMinMs;
  let refusedPolls = 0;
  /** What a reader kept while nobody asked may be hours old: nothing counts until it had nothing more to tell once. */
  let drained = false;
  let repeatedCommands = 0;
  let cardListener: CardListener | undefined;

  /** When this link next wants the line; now or earlier means at once. */
  function dueMs(nowMs: number): number {
    if (phase.at === "down") return Number.POSITIVE_INFINITY;
    if (phase.at === "waiting") return phase.retryMs;
    if (exchange !== undefined) return exchange.nextAttemptMs;
    return phase.at === "online" && queue.length === 0 ? nextPollMs : nowMs;
  }

  /** Whether sending now is a guess that may cost a whole reply timeout. */
  function isProbe(): boolean {
    return (
      phase.at === "waiting" || phase.at === "identify" || (exchange !== undefined && exchange.attempts > 1)
    );
  }

  /** The next frame for the line: a new command, or the open one again, unchanged. */
  function send(nowMs: number): Uint8Array {
    if (phase.at === "waiting") phase = { at: "identify" };
    if (exchange === undefined) {
      const command = commandToSend(nowMs);
      const defaultKey = phase.at === "handshake" && phase.handshake.key.name === "scbk-d";
      exchange = beginExchange(line, command, nextSequence(lastSequence), session, defaultKey, nowMs);
      nextPollMs = nowMs + pollIntervalMs;
    } else {
      repeatedCommands += 1;
    }
    exchange.attempts += 1;
    return exchange.bytes;
  }

  function commandToSend(nowMs: number): Command {
    switch (phase.at) {
      case "identify":
        return { kind: "id" };
      case "capabilities":
        return { kind: "cap" };
      case "handshake":
        return handshakeCommand(phase.handshake);
      case "hand-over":
        if (keyRing !== undefined) return { kind: "keyset", keyType: 1, key: keyRing.inForce };
        return { kind: "poll" };
      default:
        owned = queue.next(nowMs);
        if (owned?.offeredKey !== undefined) keyRing?.offer(owned.offeredKey);
        return owned?.command ?? { kind: "poll" };
    }
  }

  /** A frame of this peripheral while its exchange is on the line. @returns whether that ended the wait */
  function received(frame: Frame, nowMs: number): boolean {
    if (exchange === undefined) return false;
    const verdict = judgeReply(frame, exchange, session);
    switch (verdict.kind) {
      case "stale":
        return false;
      case "busy":
        wasBusy(exchange, nowMs);
        return true;
      case "restart-wanted":
        restartWanted(verdict.nakReason, nowMs);
        return true;
      case "forged":
        return forged(verdict.fault, nowMs);
      case "reply":
        completed(exchange, verdict.reply, verdict.blockData, nowMs);
        return true;
    }
  }

  function completed(done: Exchange, reply: Reply, blockData: Uint8Array, nowMs: number): void {
    const entry = owned;
    exchange = undefined;
    owned = undefined;
    lastSequence = done.sequence;
    lastReplyMs = nowMs;
    if (reply.kind === "nak" && entry !== undefined) {
      emit({ kind: "nak", address, command: done.command.kind, reason: reply.reason });
    }
    switch (phase.at) {
      case "identify":
        identified(reply, nowMs);
        break;
      case "capabilities":
        capabilitiesRead(reply, nowMs);
        break;
      case "handshake":
        handshakeAnswered(phase.handshake, reply, blockData, nowMs);
        break;
      case "hand-over":
        handedOver(reply, nowMs);
        break;
      case "online":
        if (entry === undefined) pollAnswered(reply, nowMs);
        else commandAnswered(entry, reply, nowMs);
        break;
      default:
        break;
    }
  }

  function identified(reply: Reply, nowMs: number): void {
    if (reply.kind === "pdid") {
      identity = reply.identity;
      phase = { at: "capabilities" };
    } else {
      goOffline("refused", "refused-by-reader", nowMs);
    }
  }

  function capabilitiesRead(reply: Reply, nowMs: number): void {
    if (reply.kind !== "pdcap") {
      goOffline("refused", "refused-by-reader", nowMs);
      return;
    }
    capabilities = reply.capabilities;
    if (keyRing === undefined) goOnline(nowMs);
    else beginHandshake(keyRing);
  }

  function beginHandshake(ring: KeyRing): void {
    // Sequence 0 makes the peripheral forget whatever session it still has (SIA OSDP v2.2 §5.9).
    lastSequence = undefined;
    phase = { at: "handshake", handshake: challengeWith(ring.candidates(), random) };
  }

  function handshakeAnswered(handshake: Handshake, reply: Reply, blockData: Uint8Array, nowMs: number): void {
    const step = stepHandshake(handshake, reply, blockData);
    if (step.kind === "go-on") {
      phase = { at: "handshake", handshake: step.handshake };
    } else if (step.kind === "refused") {
      keyRefused(step.key, nowMs);
    } else {
      session = step.session;
      guard.sessionBegan();
      announcer.sessionBegan(step.key.name);
      if (step.key.name === "scbk-d") {
        phase = { at: "hand-over" };
      } else {
        keyProved(step.key.bytes);
        goOnline(nowMs);
      }
    }
  }

  function keyProved(key: Scbk): void {
    const changed = keyRing?.proved(key) ?? false;
    if (changed || handingOver) emit({ kind: "key-set", address });
    if (handingOver) installWindow.close("used");
    handingOver = false;
    unproved?.settle(changed ? { accepted: true, reply: { kind: "ack" } } : NOT_SECURE);
    unproved = undefined;
  }

  function keyRefused(key: HandshakeKey, nowMs: number): void {
    const [next, ...others] = key.others;
    if (next !== undefined) {
      phase = { at: "handshake", handshake: challengeWith([next, ...others], random) };
    } else if (key.name === "scbk" && !handingOver && installWindow.isOpen(nowMs)) {
      phase = { at: "handshake", handshake: challengeWithDefaultKey(random) };
    } else {
      announcer.keyRefused(key.name);
      goOffline("key-mismatch", "refused-by-reader", nowMs, timing.refusalPauseMs);
    }
  }

  function handedOver(reply: Reply, nowMs: number): void {
    if (reply.kind === "ack" && keyRing !== undefined) {
      handingOver = true;
      endSession("rekey");
      beginHandshake(keyRing);
    } else {
      goOffline("key-mismatch", "refused-by-reader", nowMs, timing.refusalPauseMs);
    }
  }

  function pollAnswered(reply: Reply, nowMs: number): void {
    if (reply.kind === "nak") {
      refusedPolls += 1;
      if (refusedPolls === 1) emit({ kind: "nak", address, command: "poll", reason: reply.reason });
      if (reply.reason === NakReason.badSequence) restartWanted(reply.reason, nowMs);
      else if (refusedPolls >= REFUSED_POLLS) goOffline("refused", "refused-by-reader", nowMs);
      return;
    }
    refusedPolls = 0;
    if (reply.kind === "ack") drained = true;
    report(reply);
    // Whoever had one report may have more: ask again at once.
    if (reply.kind !== "ack") nextPollMs = nowMs;
    else if (nowMs < hurryUntilMs) nextPollMs = Math.min(nextPollMs, nowMs + HURRIED_POLL_MS);
  }

  function commandAnswered(entry: QueuedCommand, reply: Reply, nowMs: number): void {
    if (reply.kind === "nak") {
      if (entry.offeredKey !== undefined) keyRing?.withdraw();
      entry.settle({ accepted: false, reason: "nak", nakReason: reply.reason });
      if (reply.reason === NakReason.badSequence) restartWanted(reply.reason, nowMs);
    } else if (!isExpected(entry.command, reply)) {
      report(reply);
      entry.settle({ accepted: false, reason: "unexpected-reply" });
    } else if (entry.offeredKey !== undefined && keyRing !== undefined) {
      unproved = entry;
      endSession("rekey");
      beginHandshake(keyRing);
    } else {
      if (reply.kind === "com") line = { ...line, address: reply.address };
      if (!answersRequest(entry.command, reply)) report(reply);
      entry.settle({ accepted: true, reply });
    }
  }

  /** Whether a reply is what the owner gets as outcome and nothing to publish. */
  function answersRequest(command: Command, reply: Reply): boolean {
    const scanned = command.kind === "xwr" && command.request.kind === "scan";
    return reply.kind === "xrd" && (scanned || reply.report.kind !== "card-present");
  }

  function report(reply: Reply): void {
    if (reply.kind === "xrd" && cardListener?.report(reply.report)) return;
    for (const event of eventsOf(reply, { secure: session !== undefined, stale: !drained })) emit(event);
  }

  function forged(fault: "wrong-mac" | "wrong-padding" | "plain-reply", nowMs: number): boolean {
    const verdict = guard.failed(nowMs);
    emit({ kind: "mac-failure", address, fault, count: guard.count, alarm: verdict !== "tolerate" });
    if (verdict === "tolerate") return false;
    if (verdict === "hold-off") goOffline("mac-failures", "mac-failures", nowMs, timing.refusalPauseMs);
    else goOffline("secure-channel-lost", "mac-failures", nowMs);
    return true;
  }

  function wasBusy(open: Exchange, nowMs: number): void {
    open.busySinceMs ??= nowMs;
    if (nowMs - open.busySinceMs >= timing.busyLimitMs) goOffline("busy", "busy", nowMs);
    else open.nextAttemptMs = nowMs + timing.busyPauseMs;
  }

  function restartWanted(nakReason: number, nowMs: number): void {
    const loss = nakReason === NakReason.badSequence ? "sequence" : "refused-by-reader";
    goOffline(session === undefined ? "refused" : "secure-channel-lost", loss, nowMs);
  }

  /** The reply timeout passed. */
  function unanswered(nowMs: number): void {
    if (exchange === undefined) return;
    const { attempts, firstSentMs } = exchange;
    const givenUp =
      phase.at === "online"
        ? nowMs - Math.max(lastReplyMs, firstSentMs) >= timing.offlineAfterMs ||
          (owned?.expiryMs ?? Infinity) <= nowMs
        : phase.at === "identify" || attempts >= ATTEMPTS_IN_HANDSHAKE;
    if (givenUp) goOffline("no-reply", "no-reply", nowMs);
    else exchange.nextAttemptMs = attempts === 1 ? nowMs : nowMs + timing.repeatPauseMs;
  }

  function goOnline(nowMs: number): void {
    phase = { at: "online" };
    refusedPolls = 0;
    drained = false;
    nextPollMs = nowMs;
    if (announcer.isOnline || identity === undefined) return;
    onlineSinceMs = nowMs;
    // Before anybody can put a command of his own in front.
    if (settings.cardMode !== undefined) enterCardMode(settings.cardMode, nowMs + timing.commandExpiryMs);
    announcer.online(identity, capabilities, session !== undefined);
  }

  /** Without ACURXSIZE a reader may cut long APDU answers to the 128 bytes every panel can take. */
  function enterCardMode(mode: number, expiryMs: number): void {
    void queue.push({ kind: "acurxsize", sizeBytes: MAX_FRAME_BYTES }, expiryMs);
    void queue.push({ kind: "xwr", request: { kind: "set-mode", mode, config: 0 } }, expiryMs);
  }

  /** INVARIANT: the phase changes before anything is told, so that nobody who is told can still send in the old one. */
  function goOffline(
    reason: OfflineReason,
    loss: SecureChannelLoss,
    nowMs: number,
    pauseMs = nextPauseMs(nowMs),
  ): void {
    if (phase.at === "handshake") abandonHandshake(phase.handshake);
    phase = { at: "waiting", retryMs: nowMs + pauseMs };
    const cutShort = [owned, unproved];
    lastSequence = undefined;
    exchange = undefined;
    owned = undefined;
    unproved = undefined;
    handingOver = false;
    endSession(loss);
    announcer.offline(reason);
    for (const entry of cutShort) entry?.settle({ accepted: false, reason: "expired" });
    queue.clear({ accepted: false, reason: "offline" });
    cardListener?.offline();
  }

  /** A link that had been steady is tried again at once; one that keeps failing, ever more slowly. */
  function nextPauseMs(nowMs: number): number {
    if (announcer.isOnline && nowMs - onlineSinceMs >= STEADY_MS) {
      backoffMs = timing.reconnectMinMs;
      return 0;
    }
    const pauseMs = backoffMs;
    backoffMs = Math.min(backoffMs * 2, timing.reconnectMaxMs);
    return pauseMs;
  }

  function endSession(cause: SecureChannelLoss): void {
    if (session === undefined) return;
    session.wipe();
    session = undefined;
    announcer.sessionEnded(cause);
  }

  return {
    dueMs,
    isProbe,
    send,
    received,
    unanswered,
    installWindow,

    /** What the frames on the line carry now: COMSET may have changed the address. */
    get line() {
      return line;
    },

    lineOpened(nowMs: number): void {
      if (phase.at === "down") phase = { at: "waiting", retryMs: nowMs };
    },

    lineClosed(nowMs: number): void {
      goOffline("transport-closed", "transport-closed", nowMs);
      phase = { at: "down" };
      backoffMs = timing.reconnectMinMs;
    },

    /** Lets time pass for what waits: expired commands, the install window. */
    tick(nowMs: number): void {
      queue.expire(nowMs);
      installWindow.expire(nowMs);
      if (phase.at === "hand-over" && exchange === undefined && !installWindow.isOpen(nowMs)) {
        goOffline("key-mismatch", "install-window-closed", nowMs);
      }
    },

    submit(command: Command, expiryMs: number, offeredKey?: Scbk): Promise<CommandOutcome> {
      if (!announcer.isOnline) return Promise.resolve({ accepted: false, reason: "offline" });
      if (command.kind === "keyset" && (offeredKey === undefined || keyRing === undefined)) {
        return Promise.resolve(NOT_SECURE);
      }
      return queue.push(command, expiryMs, offeredKey);
    },

    setPollInterval(intervalMs: number): void {
      pollIntervalMs = intervalMs;
    },

    /** Polls as fast as is sensible until then. */
    hurry(untilMs: number): void {
      hurryUntilMs = untilMs;
      nextPollMs = Math.min(nextPollMs, untilMs);
    },

    /** One at a time; undefined removes. */
    setCardListener(listener: CardListener | undefined): void {
      cardListener = listener;
    },

    /** Whether a reply is being waited for, on the line or between two attempts. */
    get awaitsReply() {
      return exchange !== undefined;
    },

    /** Whether an owner's command is what it would send. */
    get hasCommand() {
      return owned !== undefined || (phase.at === "online" && queue.length > 0);
    },

    /** An operator opened the window: whatever pause was running ends now. */
    openInstallWindow(durationMs: number, nowMs: number): void {
      installWindow.open(durationMs, nowMs);
      if (phase.at === "waiting") phase = { at: "waiting", retryMs: nowMs };
    },

    get isOnline() {
      return announcer.isOnline;
    },

    get hasCardListener() {
      return cardListener !== undefined;
    },

    status(nowMs: number): Omit<PdStatus, "strayReplies"> {
      return {
        address,
        online: announcer.isOnline,
        secure: session !== undefined && phase.at === "online",
        installWindowOpen: installWindow.isOpen(nowMs),
        capabilities,
        macFailures: guard.count,
        repeatedCommands,
        ...(identity === undefined ? {} : { identity }),
      };
    },

    stop(nowMs: number): void {
      const outcome: CommandOutcome = { accepted: false, reason: "stopped" };
      for (const entry of [owned, unproved]) entry?.settle(outcome);
      owned = undefined;
      unproved = undefined;
      queue.clear(outcome);
      installWindow.close("operator");
      goOffline("stopped", "stopped", nowMs);
      phase = { at: "down" };
      keyRing?.wipe();
    },
  };
}
