/** What residents ask for on paper. Ballots, complaints and consents have papers of their own, which the desk prints. */
export const PAPERS = ["withdrawal", "deletion", "keys"] as const;
export type PaperName = (typeof PAPERS)[number];
