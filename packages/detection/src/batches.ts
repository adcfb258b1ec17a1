const MOST_BATCHES = 65_534;
/** Copies that must be confirmed before a batch says anything of its other cards. */
const LEAST_COPIES = 3;
/** What is thought of a batch before: one card of two hundred is copied. */
const PRIOR_COPIED = 1;
const PRIOR_CARDS = 200;

/** R15: batches (issuer, key version, delivery) of which several cards were found copied raise the prior of the others. */
export class Batches {
  readonly #numbers = new Map<string, number>();
  readonly #cards: number[] = [0];
  readonly #copied: number[] = [0];

  /** The number of a batch, from 1; 0 if there is no room for another. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MOST_BATCHES) return 0;
    const number = this.#numbers.size + 1;
    this.#numbers.set(name, number);
    this.#cards[number] = 0;
    this.#copied[number] = 0;
    return number;
  }

  noteCard(batch: number): void {
    this.#cards[batch] = (this.#cards[batch] ?? 0) + 1;
  }

  noteCopy(batch: number): void {
    this.#copied[batch] = (this.#copied[batch] ?? 0) + 1;
  }

  copiesOf(batch: number): number {
    return this.#copied[batch] ?? 0;
  }

  /** Natural logarithm of how much likelier a card of this batch is to be copied than any (Beta-binomial), at most `most`. */
  weight(batch: number, most: number): number {
    const copied = this.#copied[batch] ?? 0;
    if (batch === 0 || copied < LEAST_COPIES) return 0;
    const cards = Math.max(copied, this.#cards[batch] ?? 0);
    const share = (PRIOR_COPIED + copied) / (PRIOR_CARDS + cards);
    return Math.max(0, Math.min(most, Math.log(share / (PRIOR_COPIED / PRIOR_CARDS))));
  }
}
