/** A closed case: what the engine thought, and whether it was a copy. */
export interface Finding {
  readonly probability: number;
  readonly isCopy: boolean;
}

/** How much one believes the delivered prior before anything was found here: as one standard deviation of log odds. */
const DOUBT = 1;
const STEPS = 30;

/**
 * The prior that makes the engine's probabilities agree with what cases were found to be. One number is learnt, a shift of
 * log odds, by the method of Newton with a normal prior, so that three cases do not turn everything round. Pure.
 */
export function calibratedPrior(prior: number, findings: readonly Finding[]): number {
  let shift = 0;
  for (let step = 0; step < STEPS; step += 1) {
    let slope = -shift / DOUBT ** 2;
    let curve = 1 / DOUBT ** 2;
    for (const { probability, isCopy } of findings) {
      const expected = shifted(probability, shift);
      slope += (isCopy ? 1 : 0) - expected;
      curve += expected * (1 - expected);
    }
    shift += slope / curve;
  }
  return shifted(prior, shift);
}

/** A probability as it is under another prior. */
export function underPrior(probability: number, before: number, after: number): number {
  return shifted(probability, logOdds(after) - logOdds(before));
}

function shifted(probability: number, shift: number): number {
  return 1 / (1 + Math.exp(-(logOdds(probability) + shift)));
}

function logOdds(probability: number): number {
  const within = Math.min(1 - 1e-9, Math.max(1e-9, probability));
  return Math.log(within / (1 - within));
}
