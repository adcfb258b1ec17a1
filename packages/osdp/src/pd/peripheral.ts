import { equalBytes, wipe } from "@menshen/crypto/node";
import { BROADCAST_ADDRESS, MAX_FRAME_BYTES, NakReason, SecurityBlock } from "../codes.ts";
import {
  encodePlainFrame,
  type Frame,
  type FrameHeader,
  nextSequence,
  type Sequence,
} from "../frame/frame.ts";
import { type Command, decodeCommand } from "../message/command.ts";
import { encodeReply, type PdIdentity, type Reply } from "../message/reply.ts";
import { OsdpError } from "../osdp-error.ts";
import { parseLabScbk, type Scbk } from "../secure/scbk.ts";
import type { Protection, SecureSession } from "../secure/session.ts";
import type { Timers } from "../timers.ts";
import { answerCommand } from "./answers.ts";
import { makeCardSlot } from "./card-slot.ts";
import { answerChallenge, completeHandshake, type PdHandshake } from "./pd-handshake.ts";
import type {
  Peripheral,
  PeripheralHandlers,
  PeripheralLink,
  PeripheralSettings,
} from "./peripheral-settings.ts";

const SESSION_TIMEOUT_MS = 8_000;
const CARD_INLINE_MS = 100;
const MAX_WAITING_REPORTS = 64;
/** Frame, security and XWR overhead around an APDU, and up to a block of padding. */
const XRD_OVERHEAD_BYTES = 35;

const ENCIPHERED: Protection = { kind: "enciphered" };
const WITHOUT_SECURITY: ReadonlySet<Command["kind"]> = new Set(["id", "cap", "chlng", "scrypt"]);
const STATUS: ReadonlySet<Command["kind"]> = new Set(["lstat", "istat", "ostat", "rstat"]);

/** One peripheral's state machine as the line drives it: a frame in, at most one frame out. */
export interface PeripheralMachine extends Peripheral {
  /** The answer to a frame: bytes for the line, nothing, or bytes later (an APDU that a card is thinking about). */
  handle(frame: Frame, nowMs: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Ends a session or a link that has been silent for too long. */
  tick(nowMs: number): void;
  /** When `tick` has something to do; Infinity when nothing waits. */
  readonly wakeMs: number;
  stop(): void;
}

interface Answer {
  readonly reply: Reply;
  readonly block?: { readonly type: number; readonly data: Uint8Array };
  /** what takes effect once the answer is built, because it is the answer that is still in the old state */
  readonly after?: () => void;
}

export function makePeripheral(
  settings: PeripheralSettings,
  handlers: PeripheralHandlers,
  timers: Timers,
  random: (lengthBytes: number) => Uint8Array,
): PeripheralMachine {
  const clientUid = settings.clientUid ?? defaultClientUid(settings.identity);
  const sessionTimeoutMs = settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  let address = settings.address;
  let key = settings.key;
  let installMode = settings.installMode ?? key === undefined;
  let secureChannelRequired = settings.secureChannelRequired ?? key !== undefined;
  let session: SecureSession | undefined;
  let handshake: PdHandshake | undefined;
  let link: PeripheralLink = { online: false, secure: false };
  let lastSequence: Sequence | undefined;
  let lastCommand: Uint8Array | undefined;
  let lastAnswer: Uint8Array | undefined;
  let lastCommandMs = Number.NEGATIVE_INFINITY;
  let reports: Reply[] = [];
  let busy = false;
  let panelReceivesBytes = MAX_FRAME_BYTES;
  /** counts conversations and commands, so that a late card answer finds out that nobody waits for it */
  let turn = 0;

  const slot = makeCardSlot({
    timers,
    inlineMs: settings.cardInlineMs ?? CARD_INLINE_MS,
    maxApduBytes: () => panelReceivesBytes - XRD_OVERHEAD_BYTES,
    report,
  });

  function report(reply: Reply): boolean {
    if (reports.length >= MAX_WAITING_REPORTS) return false;
    reports = [...reports, reply];
    return true;
  }

  function changeLink(next: PeripheralLink): void {
    const same = next.online === link.online && next.secure === link.secure && next.key === link.key;
    link = next;
    if (!same) handlers.link?.(next);
  }

  function endSession(): void {
    session?.wipe();
    session = undefined;
    if (handshake !== undefined) wipe(handshake.keys.sEnc, handshake.keys.sMac1, handshake.keys.sMac2);
    handshake = undefined;
    changeLink({ online: link.online, secure: false });
  }

  function headerFor(frame: Frame, sequence: Sequence): FrameHeader {
    const { check, mark } = frame;
    return { address: frame.address, reply: true, sequence, check, mark };
  }

  function plainNak(frame: Frame, reason: number): Uint8Array {
    const { code, data } = encodeReply({ kind: "nak", reason });
    return encodePlainFrame(headerFor(frame, frame.sequence), code, data);
  }

  function handle(frame: Frame, nowMs: number): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (frame.reply || (frame.address !== address && frame.address !== BROADCAST_ADDRESS)) return undefined;
    tick(nowMs);
    lastCommandMs = nowMs;
    if (!link.online) changeLink({ online: true, secure: false });
    if (busy) {
      const { code, data } = encodeReply({ kind: "busy" });
      return encodePlainFrame(headerFor(frame, 0), code, data);
    }
    if (frame.sequence === 0) {
      endSession();
      lastSequence = undefined;
    } else if (frame.sequence === lastSequence) {
      return repeated(frame);
    }
    if (frame.sequence !== nextSequence(lastSequence)) return plainNak(frame, NakReason.badSequence);
    return admit(frame);
  }

  /** SIA OSDP v2.2 §5.9: the same command again gets the same answer again, byte for byte, and is not carried out. */
  function repeated(frame: Frame): Uint8Array | undefined {
    const same = lastCommand !== undefined && equalBytes(lastCommand, identityOf(frame));
    return same ? lastAnswer : plainNak(frame, NakReason.badSequence);
  }

  function admit(frame: Frame): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const startsAnew = frame.security?.type === SecurityBlock.challenge;
    if (startsAnew && session !== undefined) endSession();
    if (session === undefined) {
      if (frame.mac !== undefined) return plainNak(frame, NakReason.secureChannelRequired);
      return carryOut(frame, { code: frame.code, data: frame.payload });
    }
    if (frame.mac === undefined) return plainNak(frame, NakReason.secureChannelRequired);
    const opened = session.open(frame);
    if (typeof opened !== "string") return carryOut(frame, opened);
    endSession();
    return plainNak(frame, NakReason.secureChannelRequired);
  }

  function carryOut(frame: Frame, message: { readonly code: number; readonly data: Uint8Array }) {
    turn += 1;
    const mine = turn;
    lastSequence = frame.sequence;
    lastCommand = identityOf(frame);
    lastAnswer = undefined;
    const command = parse(message);
    const answer = typeof command === "number" ? nak(command) : answerTo(command, frame);
    const protection =
      typeof command !== "number" && STATUS.has(command.kind) ? settings.statusProtection : undefined;
    if (!(answer instanceof Promise)) return finish(frame, answer, protection);
    return answer.then((late) => (mine === turn ? finish(frame, late, protection) : undefined));
  }

  function finish(frame: Frame, answer: Answer, protection: Protection = ENCIPHERED): Uint8Array {
    const header = headerFor(frame, frame.sequence);
    const { code, data } = encodeReply(answer.reply);
    const bytes =
      session !== undefined && answer.block === undefined
        ? session.seal(header, { code, data }, protection)
        : encodePlainFrame(header, code, data, answer.block);
    lastAnswer = bytes;
    answer.after?.();
    return bytes;
  }

  function answerTo(command: Command, frame: Frame): Answer | Promise<Answer> {
    if (secureChannelRequired && session === undefined && !WITHOUT_SECURITY.has(command.kind)) {
      return nak(NakReason.secureChannelRequired);
    }
    switch (command.kind) {
      case "poll": {
        const [next, ...rest] = reports;
        reports = rest;
        return { reply: next ?? { kind: "ack" } };
      }
      case "id":
        return { reply: { kind: "pdid", identity: settings.identity } };
      case "cap":
        return { reply: { kind: "pdcap", capabilities: settings.capabilities } };
      case "chlng":
        return challenged(command.cpRandom, frame);
      case "scrypt":
        return proved(command.cpCryptogram);
      case "keyset":
        return keySet(command.keyType, command.key);
      case "comset":
        if (command.address >= BROADCAST_ADDRESS || handlers.comset?.(command) !== true) {
          return nak(NakReason.cannotProcess);
        }
        return {
          reply: { kind: "com", address: command.address, baudRate: command.baudRate },
          after: () => moveTo(command.address),
        };
      case "acurxsize":
        panelReceivesBytes = Math.max(command.sizeBytes, 128);
        return { reply: { kind: "ack" } };
      case "xwr": {
        const reply = slot.answer(command.request);
        return reply instanceof Promise ? reply.then((late) => ({ reply: late })) : { reply };
      }
      default:
        return { reply: answerCommand(command, handlers) };
    }
  }

  function challenged(cpRandom: Uint8Array, frame: Frame): Answer {
    const wanted = frame.security?.data[0] === 0 ? "scbk-d" : "scbk";
    if (wanted === "scbk-d" && !installMode) return nak(NakReason.secureChannelRequired);
    const answer = answerChallenge(wanted, key, clientUid, cpRandom, random);
    handshake = answer.handshake;
    const block = { type: SecurityBlock.clientCryptogram, data: Uint8Array.of(answer.keyByte) };
    return { reply: answer.reply, block };
  }

  function proved(cryptogram: Uint8Array): Answer {
    const open = handshake;
    handshake = undefined;
    const done = open === undefined ? undefined : completeHandshake(open, cryptogram);
    if (open === undefined || done === undefined) return nak(NakReason.secureChannelRequired);
    const block = { type: SecurityBlock.initialRMac, data: Uint8Array.of(1) };
    return {
      reply: done.reply,
      block,
      after() {
        session = done.session;
        changeLink({ online: true, secure: true, key: open.key });
      },
    };
  }

  function keySet(keyType: number, bytes: Uint8Array): Answer {
    if (session === undefined) return nak(NakReason.secureChannelRequired);
    if (keyType !== 1 || bytes.length !== 16) return nak(NakReason.cannotProcess);
    const next = parseLabScbk(bytes);
    if (handlers.keyset?.(next) !== true) return nak(NakReason.cannotProcess);
    // Acknowledged under the old keys; from here on only the new key opens a session, and install mode is over.
    return { reply: { kind: "ack" }, after: () => adopt(next) };
  }

  function adopt(next: Scbk): void {
    key = next;
    installMode = false;
    secureChannelRequired = settings.secureChannelRequired ?? true;
    endSession();
  }

  function moveTo(next: number): void {
    address = next;
  }

  function tick(nowMs: number): void {
    if (!link.online || nowMs - lastCommandMs < sessionTimeoutMs) return;
    endSession();
    lastSequence = undefined;
    changeLink({ online: false, secure: false });
  }

  return {
    get address() {
      return address;
    },
    get link() {
      return link;
    },
    get waiting() {
      return reports.length;
    },
    get wakeMs() {
      return link.online ? lastCommandMs + sessionTimeoutMs : Number.POSITIVE_INFINITY;
    },
    report,
    insertCard: (card, reader = 0) => slot.insert(card, reader),
    removeCard: slot.remove,
    setBusy(next) {
      busy = next;
    },
    handle,
    tick,
    stop() {
      endSession();
      changeLink({ online: false, secure: false });
    },
  };
}

function nak(reason: number): Answer {
  return { reply: { kind: "nak", reason } };
}

/** What makes two frames the same command: everything the CRC covers. */
function identityOf(frame: Frame): Uint8Array {
  return frame.mac === undefined ? frame.covered : Uint8Array.from([...frame.covered, ...frame.mac]);
}

/** @returns the command, or the NAK reason it deserves */
function parse(message: { readonly code: number; readonly data: Uint8Array }): Command | number {
  try {
    return decodeCommand(message);
  } catch (error) {
    if (error instanceof OsdpError) return NakReason.badLength;
    throw error;
  }
}

/** Vendor, model and serial: the first eight bytes of PDID without its version (SIA OSDP v2.2 Annex D.4.3). */
function defaultClientUid(identity: PdIdentity): Uint8Array {
  const { data } = encodeReply({ kind: "pdid", identity });
  return Uint8Array.of(...data.subarray(0, 4), ...data.subarray(5, 9));
}
