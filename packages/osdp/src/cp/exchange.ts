import { BROADCAST_ADDRESS, NakReason, ReplyCode, SecurityBlock } from "../codes.ts";
import { encodePlainFrame, type Frame, type Sequence } from "../frame/frame.ts";
import { type Command, encodeCommand } from "../message/command.ts";
import { decodeReply, type Reply } from "../message/reply.ts";
import { OsdpError } from "../osdp-error.ts";
import type { OpenFault, SecureSession } from "../secure/session.ts";
import type { PdSettings } from "./settings.ts";

/** One command on its way, repeated unchanged until it is answered. */
export interface Exchange {
  readonly command: Command;
  readonly sequence: Sequence;
  /** what went out; repeating sends exactly these bytes (SIA OSDP v2.2 §5.9) */
  readonly bytes: Uint8Array;
  readonly secured: boolean;
  readonly firstSentMs: number;
  attempts: number;
  nextAttemptMs: number;
  busySinceMs: number | undefined;
}

/** Builds the frame of a command: sealed in a session, with its handshake block, or plain. */
export function beginExchange(
  settings: PdSettings,
  command: Command,
  sequence: Sequence,
  session: SecureSession | undefined,
  keyIsScbkD: boolean,
  nowMs: number,
): Exchange {
  const header = {
    address: settings.address,
    reply: false,
    sequence,
    check: settings.check ?? "crc16",
    mark: settings.mark ?? false,
  };
  const message = encodeCommand(command);
  const handshakeType = HANDSHAKE_BLOCK[command.kind];
  const bytes =
    session !== undefined
      ? session.seal(header, message)
      : encodePlainFrame(
          header,
          message.code,
          message.data,
          handshakeType === undefined
            ? undefined
            : { type: handshakeType, data: Uint8Array.of(keyIsScbkD ? 0 : 1) },
        );
  return {
    command,
    sequence,
    bytes,
    secured: session !== undefined,
    firstSentMs: nowMs,
    attempts: 0,
    nextAttemptMs: nowMs,
    busySinceMs: undefined,
  };
}

const HANDSHAKE_BLOCK: Partial<Record<Command["kind"], number>> = {
  chlng: SecurityBlock.challenge,
  scrypt: SecurityBlock.serverCryptogram,
};

/** What a frame from the peripheral's address means to the exchange that is open. */
export type ReplyVerdict =
  | { readonly kind: "reply"; readonly reply: Reply; readonly blockData: Uint8Array }
  | { readonly kind: "busy" }
  /** not the answer to this command: a late one, or a replayed one */
  | { readonly kind: "stale" }
  /** a NAK that asks for a new start: wrong sequence, or, outside the secure channel, that it has none */
  | { readonly kind: "restart-wanted"; readonly nakReason: number }
  | { readonly kind: "forged"; readonly fault: Exclude<OpenFault, "not-secured"> | "plain-reply" };

export function judgeReply(
  frame: Frame,
  exchange: Exchange,
  session: SecureSession | undefined,
): ReplyVerdict {
  const plain = frame.security === undefined;
  // BUSY is never secured, carries sequence 0 and leaves the command as it was (SIA OSDP v2.2 §7.19).
  if (plain && frame.code === ReplyCode.busy && frame.payload.length === 0) return { kind: "busy" };
  // Whoever expects another sequence number answers with that one.
  if (plain && frame.code === ReplyCode.nak && frame.payload[0] === NakReason.badSequence) {
    return { kind: "restart-wanted", nakReason: NakReason.badSequence };
  }
  if (frame.sequence !== exchange.sequence) return { kind: "stale" };
  if (!exchange.secured || session === undefined) {
    // A secured answer to a plain command cannot be verified and is none.
    return frame.mac === undefined
      ? read(frame.code, frame.payload, frame.security?.data)
      : { kind: "stale" };
  }
  if (plain && frame.code === ReplyCode.nak) {
    return { kind: "restart-wanted", nakReason: frame.payload[0] ?? NakReason.none };
  }
  // Some peripherals forget the session before they acknowledge KEYSET. Nothing is believed here: the new key counts
  // only when a handshake has proved it.
  if (plain && exchange.command.kind === "keyset" && frame.code === ReplyCode.ack) {
    return read(frame.code, frame.payload, undefined);
  }
  const opened = session.open(frame);
  if (opened === "not-secured") return { kind: "forged", fault: "plain-reply" };
  if (typeof opened === "string") return { kind: "forged", fault: opened };
  return read(opened.code, opened.data, undefined);
}

function read(code: number, data: Uint8Array, blockData: Uint8Array | undefined): ReplyVerdict {
  return { kind: "reply", reply: readReply(code, data), blockData: blockData ?? new Uint8Array(0) };
}

/** A reply that its own code says cannot be so is kept as opaque bytes: its frame was in order, the command answered. */
export function readReply(code: number, data: Uint8Array): Reply {
  try {
    return decodeReply({ code, data });
  } catch (error) {
    if (error instanceof OsdpError) return { kind: "opaque", code, data };
    throw error;
  }
}

/** Replies that answer each command (SIA OSDP v2.2 Annex A.1); a command that is not listed accepts any. */
const EXPECTED: Partial<Record<Command["kind"], readonly Reply["kind"][]>> = {
  lstat: ["lstatr"],
  istat: ["istatr"],
  ostat: ["ostatr"],
  rstat: ["rstatr"],
  out: ["ack", "ostatr"],
  led: ["ack"],
  buz: ["ack"],
  text: ["ack"],
  comset: ["com"],
  keyset: ["ack"],
  acurxsize: ["ack"],
  keepactive: ["ack"],
  abort: ["ack"],
  xwr: ["ack", "xrd"],
};

export function isExpected(command: Command, reply: Reply): boolean {
  return EXPECTED[command.kind]?.includes(reply.kind) ?? true;
}

/** Whether a frame was sent by the peripheral with these settings. */
export function isFrom(frame: Frame, settings: PdSettings): boolean {
  return frame.reply && (frame.address === settings.address || settings.address === BROADCAST_ADDRESS);
}
