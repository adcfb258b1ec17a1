import { Capability, MAX_FRAME_BYTES } from "../codes.ts";
import type { PdCapability } from "../message/reply.ts";
import type { XrdReport, XwrRequest } from "../message/xwr.ts";
import { OsdpError, type OsdpErrorCode } from "../osdp-error.ts";
import type { Timers } from "../timers.ts";
import type { CommandOutcome, OsdpCardChannel } from "./bus-api.ts";
import type { CardListener } from "./pd-link.ts";

/** What every OSDP device can receive (SIA OSDP v2.2 §5.7). */
const MIN_RECEIVE_BYTES = 128;
/** Header 5, security block 2, code 1, MAC 4, CRC 2, mark 1: what a frame needs beside its data. */
const FRAME_OVERHEAD_BYTES = 15;
/** Mode, code and reader number before an APDU. */
const XWR_OVERHEAD_BYTES = 3;
const BLOCK_BYTES = 16;

export interface CardChannelDeps {
  readonly reader: number;
  readonly capabilities: readonly PdCapability[];
  readonly cardTimeoutMs: number;
  readonly timers: Timers;
  send(request: XwrRequest): Promise<CommandOutcome>;
  /** polls quickly until then */
  hurry(untilMs: number): void;
  setListener(listener: CardListener | undefined): void;
}

/**
 * Longest APDU that fits one message to a reader which says it receives this much. A reader that overstates its buffer
 * only loses messages; nothing about security hangs on it.
 */
export function maxApduBytes(capabilities: readonly PdCapability[]): number {
  const line = capabilities.find((entry) => entry.function === Capability.receiveBufferSize);
  const claimedBytes = line === undefined ? MIN_RECEIVE_BYTES : line.compliance | (line.items << 8);
  const frameBytes = Math.min(Math.max(claimedBytes, MIN_RECEIVE_BYTES), MAX_FRAME_BYTES);
  const cipherBytes = Math.floor((frameBytes - FRAME_OVERHEAD_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  return cipherBytes - 1 - XWR_OVERHEAD_BYTES;
}

type Answer = { readonly apdu: Uint8Array } | { readonly failure: OsdpErrorCode };

export function makeCardChannel(deps: CardChannelDeps): OsdpCardChannel {
  const limitBytes = maxApduBytes(deps.capabilities);
  /** false once the dialogue cannot go on: closed, card gone, or an answer outstanding that may still come late */
  let usable = true;
  let closed = false;
  let pendingAnswer: ((answer: Answer) => void) | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function answer(outcome: Answer): void {
    const waiting = pendingAnswer;
    pendingAnswer = undefined;
    waiting?.(outcome);
  }

  function readReport(report: XrdReport): boolean {
    if (report.kind === "apdu" && report.reader === deps.reader) {
      const wanted = pendingAnswer !== undefined;
      answer({ apdu: report.apdu });
      return wanted;
    }
    if (report.kind === "error" && report.mode === 1 && pendingAnswer !== undefined) {
      answer({ failure: "card-refused" });
      return true;
    }
    if (report.kind === "card-present" && report.reader === deps.reader && report.status === "absent") {
      usable = false;
      answer({ failure: "card-gone" });
    }
    return false;
  }

  deps.setListener({
    report: readReport,
    offline() {
      usable = false;
      answer({ failure: "reader-offline" });
    },
  });

  async function exchange(apdu: Uint8Array): Promise<Uint8Array> {
    if (!usable) throw failure("card-gone");
    if (apdu.length > limitBytes) {
      throw new OsdpError(
        "apdu-too-long",
        `expected an APDU of at most ${limitBytes} bytes, came ${apdu.length}`,
      );
    }
    const answered = new Promise<Answer>((resolve) => {
      pendingAnswer = resolve;
    });
    const cancel = deps.timers.set(deps.cardTimeoutMs, () => {
      // A late answer must never be taken for the next APDU's.
      usable = false;
      answer({ failure: "card-timeout" });
    });
    try {
      const outcome = await deps.send({ kind: "apdu", reader: deps.reader, apdu });
      if (!outcome.accepted) throw failure(REFUSALS[outcome.reason]);
      if (outcome.reply.kind === "xrd") readReport(outcome.reply.report);
      // Acknowledged only: the answer comes on a later poll.
      if (pendingAnswer !== undefined) deps.hurry(deps.timers.now() + deps.cardTimeoutMs);
      const result = await answered;
      if ("failure" in result) throw failure(result.failure);
      return result.apdu;
    } finally {
      cancel();
      deps.hurry(deps.timers.now());
      pendingAnswer = undefined;
    }
  }

  return {
    kind: "osdp-xwr",
    maxApduBytes: limitBytes,
    transceive(apdu) {
      const mine = turn.then(() => exchange(apdu));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      if (closed) return;
      closed = true;
      usable = false;
      answer({ failure: "card-gone" });
      deps.setListener(undefined);
      await deps.send({ kind: "done", reader: deps.reader });
    },
  };
}

const REFUSALS = {
  nak: "card-refused",
  "unexpected-reply": "card-refused",
  "queue-full": "card-refused",
  "not-secure": "card-refused",
  offline: "reader-offline",
  expired: "reader-offline",
  stopped: "stopped",
} as const;

const FAILURE_TEXT: Partial<Record<OsdpErrorCode, string>> = {
  "card-gone": "the card left or the channel was closed",
  "card-timeout": "the card gave no answer in time",
  "card-refused": "the reader refused the request",
  "reader-offline": "the reader is offline",
};

function failure(code: OsdpErrorCode): OsdpError {
  return new OsdpError(code, FAILURE_TEXT[code] ?? "the bus was stopped");
}
