import { equalBytes, randomBytes } from "@menshen/crypto/node";
import type { TimeMessage } from "@menshen/wire";
import type { ClockDiscipline, GateClock } from "../clock/gate-clock.ts";

/** Questions for the time that are under way: an answer counts once, and only for its own question. */
export interface ServerTime {
  /** A nonce to send now. */
  ask(): Uint8Array;
  /** Disciplines the clock by an answer; undefined if nobody asked for it. */
  answer(message: TimeMessage): ClockDiscipline | undefined;
}

/** Older questions than these are forgotten. */
const MAX_QUESTIONS = 8;
const NONCE_BYTES = 16;

export function makeServerTime(
  clock: GateClock,
  random: (lengthBytes: number) => Uint8Array = randomBytes,
): ServerTime {
  let questions: { readonly nonce: Uint8Array; readonly sentMonotonicMs: number }[] = [];
  return {
    ask() {
      const nonce = random(NONCE_BYTES);
      questions = [...questions.slice(1 - MAX_QUESTIONS), { nonce, sentMonotonicMs: clock.monotonicMs() }];
      return nonce;
    },
    answer(message) {
      const question = questions.find(({ nonce }) => equalBytes(nonce, message.nonce));
      if (question === undefined) return undefined;
      questions = questions.filter((other) => other !== question);
      return clock.discipline(message.at, question.sentMonotonicMs);
    },
  };
}
