import { CommandCode, ReplyCode, SecurityBlock } from "../codes.ts";
import { makeDeframer } from "../frame/deframer.ts";
import { closeFrame, type Frame } from "../frame/frame.ts";
import { systemTimers, type Timers } from "../timers.ts";
import type { ByteStream } from "../transport/byte-stream.ts";

/** A frame that went over the line, as far as anybody may keep it. */
export interface SeenFrame {
  readonly frame: Pick<Frame, "address" | "reply" | "sequence" | "check" | "code" | "security">;
  /** From SOM on. Shorter than {@link sizeBytes} where what follows the code would be a key, a card or a PIN. */
  readonly bytes: Uint8Array;
  /** As it stood on the line. */
  readonly sizeBytes: number;
  /** Words that say what it is, e.g. `poll 1 seq 2 SCS_15`. */
  readonly words: string;
}

const COMMANDS = namesOf(CommandCode);
const REPLIES = namesOf(ReplyCode);
/** What carries cards, PINs and what cards say. */
const PERSONS: ReadonlySet<number> = new Set([
  ReplyCode.raw,
  ReplyCode.fmt,
  ReplyCode.keypad,
  ReplyCode.mfgrep,
  ReplyCode.xrd,
]);
const TO_CARDS: ReadonlySet<number> = new Set([CommandCode.mfg, CommandCode.xwr]);
/** Silence after which what has begun is no frame. */
const INTER_BYTE_MS = 50;

/**
 * Listens to a line without a word of its own, until the transport is closed.
 *
 * INVARIANT: what `seen` gets never holds a key handed over, nor a card or PIN that whoever reads it could read: the
 * payload of KEYSET is always left out, and of what carries persons' data unless the channel was seen to begin under a
 * key of the reader's own.
 */
export function monitorLine(options: {
  readonly transport: ByteStream;
  readonly seen: (frame: SeenFrame) => void;
  readonly timers?: Timers;
}): { readonly discardedBytes: () => number } {
  const { transport, seen, timers = systemTimers } = options;
  const deframer = makeDeframer();
  /** By address: whether the channel that stands began under a key of the reader's own. */
  const isPrivate = new Map<number, boolean>();
  let cancel: () => void = () => undefined;

  function take(frame: Frame): void {
    const { security } = frame;
    if (security?.type === SecurityBlock.challenge) isPrivate.set(frame.address, security.data[0] === 1);
    seen(keep(frame, isPrivate.get(frame.address) === true));
  }

  transport.listen({
    opened: () => undefined,
    closed: () => undefined,
    received(bytes) {
      cancel();
      for (const frame of deframer.push(bytes)) take(frame);
      if (!deframer.partial) return;
      cancel = timers.set(INTER_BYTE_MS, () => {
        while (deframer.partial) for (const frame of deframer.expire()) take(frame);
      });
    },
  });
  return { discardedBytes: () => deframer.statistics.discardedBytes };
}

function keep(frame: Frame, isPrivate: boolean): SeenFrame {
  const whole = closeFrame({ ...frame, mark: false }, Uint8Array.from(frame.covered), frame.mac);
  const isEnciphered =
    frame.security?.type === SecurityBlock.commandEnciphered ||
    frame.security?.type === SecurityBlock.replyEnciphered;
  const isKey = !frame.reply && frame.code === CommandCode.keyset;
  const isPersons = frame.reply ? PERSONS.has(frame.code) : TO_CARDS.has(frame.code);
  const isCut = isKey || (isPersons && !(isEnciphered && isPrivate));
  const bytes = isCut ? whole.subarray(0, frame.covered.length - frame.payload.length) : whole;
  return { frame, bytes, sizeBytes: whole.length, words: wordsOf(frame, isCut) };
}

function wordsOf(frame: Frame, isCut: boolean): string {
  const { address, reply, sequence, code, security, payload } = frame;
  const name = (reply ? REPLIES : COMMANDS).get(code) ?? `0x${code.toString(16).padStart(2, "0")}`;
  return [
    reply ? "<" : ">",
    name,
    address,
    `seq ${sequence}`,
    ...(security === undefined ? [] : [`SCS_${security.type.toString(16)}`]),
    ...(payload.length === 0 ? [] : [`${payload.length} bytes`]),
    ...(isCut ? ["not kept"] : []),
  ].join(" ");
}

function namesOf(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]));
}
