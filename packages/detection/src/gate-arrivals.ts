/** Numbers of records remembered of each gate, a power of two, to know a second upload of the same record. */
export const KEPT_SEQUENCES = 4_096;

/** Which numbers of a gate's records came already, the last few thousand. */
export class GateArrivals {
  readonly #seen = new Uint32Array(KEPT_SEQUENCES / 32);
  #highest = -1;

  /** False if the record came before, or may have. */
  note(sequence: number): boolean {
    if (sequence > this.#highest) {
      if (sequence - this.#highest >= KEPT_SEQUENCES) this.#seen.fill(0);
      else for (let one = this.#highest + 1; one < sequence; one++) this.#clear(one);
      this.#highest = sequence;
      this.#set(sequence);
      return true;
    }
    if (this.#highest - sequence >= KEPT_SEQUENCES || this.#has(sequence)) return false;
    this.#set(sequence);
    return true;
  }

  #has(sequence: number): boolean {
    // The remainder of a number that may need 53 bits, as a whole number of 32: `%` would be a call.
    const place = sequence & (KEPT_SEQUENCES - 1);
    return (((this.#seen[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
  }

  #set(sequence: number): void {
    const place = sequence & (KEPT_SEQUENCES - 1);
    this.#seen[place >>> 5] = ((this.#seen[place >>> 5] ?? 0) | (1 << (place & 31))) >>> 0;
  }

  #clear(sequence: number): void {
    const place = sequence & (KEPT_SEQUENCES - 1);
    this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) & ~(1 << (place & 31));
  }
}
