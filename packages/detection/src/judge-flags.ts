// Of `flags` of a credential, those that the judge keeps: beside that of `counters.ts`, and the bits 4 and 16 of `moves.ts` and
// `chip-answers.ts`.

/** A sign that behaviour alone cannot make. */
export const PROOF_FLAG = 2;
/** A wrong key came under this number. */
export const WRONG_KEY_FLAG = 8;
/** Its batch knows of it. */
export const COUNTED_FLAG = 32;
/** Its batch was held against it. */
export const BATCH_FLAG = 64;
/** Signs of it may stand in the notebook. */
export const NOTED_FLAG = 128;
