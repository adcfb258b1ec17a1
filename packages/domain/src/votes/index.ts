export * from "./area-text.ts";
export * from "./count-opened-sums.ts";
export * from "./count-vote.ts";
export * from "./matters.ts";
export * from "./motion-time.ts";
export * from "./roll.ts";
