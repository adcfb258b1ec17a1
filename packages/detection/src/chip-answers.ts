import type { Card } from "./card-row.ts";

/** A mean is worth comparing with from so many answers on. */
const ANSWERS_BEFORE = 10;
const SCALE = 4_096;
/** A chip is another one if it is this much slower or quicker, as a natural logarithm; two times running. */
const UNLIKE = 0.5;
const GATE_SHARE = 1 / 256;
const OWN_SHARE = 1 / 16;
/** Among `flags` of a credential: the last answer was unlike those before. */
const UNLIKE_FLAG = 16;

/**
 * R20: how long a chip takes to answer, beside what all chips take at that gate. An emulator or a relay takes longer; a
 * reader that has to ask twice does so once.
 */
export class ChipAnswers {
  readonly #gateMeans: Float64Array;

  constructor(gates: number) {
    this.#gateMeans = new Float64Array(gates);
  }

  /** The ratio to the credential's own mean if the chip seems to be another one; it is then learnt anew. */
  judge(card: Card, gate: number, micros: number): number | undefined {
    if (!(micros > 0)) return undefined;
    const gateMean = this.#gateMeans[gate] || micros;
    this.#gateMeans[gate] = gateMean + (micros - gateMean) * GATE_SHARE;
    const ratio = Math.min(15, Math.max(1 / 16, micros / gateMean));
    const answers = card.answers;
    const mean = card.answerMean / SCALE;
    const flags = card.flags;
    if (answers >= ANSWERS_BEFORE && Math.abs(Math.log(ratio / mean)) > UNLIKE) {
      if ((flags & UNLIKE_FLAG) === 0) {
        card.flags = flags | UNLIKE_FLAG;
        return undefined;
      }
      card.flags = flags & ~UNLIKE_FLAG;
      card.answers = 1;
      card.answerMean = Math.round(ratio * SCALE);
      return ratio / mean;
    }
    card.flags = flags & ~UNLIKE_FLAG;
    const share = answers === 0 ? 1 : Math.max(OWN_SHARE, 1 / (answers + 1));
    card.answerMean = Math.round((mean + (ratio - mean) * share) * SCALE);
    if (answers < 0xff) card.answers = answers + 1;
    return undefined;
  }
}
