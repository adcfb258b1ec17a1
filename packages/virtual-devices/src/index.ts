/** Cards, readers, locks and people that speak real bytes: for the demonstration, for tests, and for desks. */
export * from "./card/card-profile.ts";
export { changeKeyPayload } from "./card/change-key.ts";
export { makeDesfireCard } from "./card/desfire-card.ts";
export { blankDesfire, type DesfireState } from "./card/desfire-state.ts";
export { type Ev2Reader, makeEv2Reader } from "./card/ev2-reader.ts";
export type { CardRandom } from "./card/native-engine.ts";
export { makeNtag424Card } from "./card/ntag424-card.ts";
export { blankNtag424, type Ntag424State } from "./card/ntag424-state.ts";
export { type CardPersonalisation, personaliseCard } from "./card/personalise.ts";
export { makeUidCard } from "./card/uid-card.ts";
export { CARD_KINDS, type CardKind, type VirtualCard } from "./card/virtual-card.ts";
export * from "./door/door.ts";
export * from "./population/life.ts";
export * from "./population/plan-day.ts";
export * from "./population/world.ts";
export * from "./random.ts";
export * from "./scheduler.ts";
export * from "./virtual-device-error.ts";
