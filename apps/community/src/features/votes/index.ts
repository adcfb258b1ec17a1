export { ballotKeys } from "./ballot-keys.ts";
export { makeVotes } from "./make-votes.ts";
export { digest } from "./motions.service.ts";
export { hasRoll } from "./owners-roll.store.ts";
export { demandMotion, passedMotion } from "./passed-motion.ts";
