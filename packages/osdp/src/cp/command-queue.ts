import type { Command } from "../message/command.ts";
import type { Scbk } from "../secure/scbk.ts";
import type { CommandOutcome } from "./bus-api.ts";

const MAX_WAITING = 32;

/** A command an owner waits for. */
export interface QueuedCommand {
  readonly command: Command;
  readonly expiryMs: number;
  /** the key inside a KEYSET */
  readonly offeredKey: Scbk | undefined;
  settle(outcome: CommandOutcome): void;
}

/** Commands waiting for their turn, first in first out, each with a moment after which it must not be sent. */
export interface CommandQueue {
  /** @returns the outcome, at once `queue-full` when 32 are waiting */
  push(command: Command, expiryMs: number, offeredKey?: Scbk): Promise<CommandOutcome>;
  /** The next one that has not expired; expired ones are settled on the way. */
  next(nowMs: number): QueuedCommand | undefined;
  expire(nowMs: number): void;
  /** Settles everything that waits. */
  clear(outcome: CommandOutcome): void;
  readonly length: number;
}

export function makeCommandQueue(): CommandQueue {
  let waiting: QueuedCommand[] = [];
  const queue: CommandQueue = {
    push(command, expiryMs, offeredKey) {
      if (waiting.length >= MAX_WAITING) return Promise.resolve({ accepted: false, reason: "queue-full" });
      return new Promise((settle) => {
        waiting.push({ command, expiryMs, offeredKey, settle });
      });
    },
    next(nowMs) {
      queue.expire(nowMs);
      return waiting.shift();
    },
    expire(nowMs) {
      if (!waiting.some((entry) => entry.expiryMs <= nowMs)) return;
      const expired = waiting.filter((entry) => entry.expiryMs <= nowMs);
      waiting = waiting.filter((entry) => entry.expiryMs > nowMs);
      for (const entry of expired) entry.settle({ accepted: false, reason: "expired" });
    },
    clear(outcome) {
      const all = waiting;
      waiting = [];
      for (const entry of all) entry.settle(outcome);
    },
    get length() {
      return waiting.length;
    },
  };
  return queue;
}
