export { type Attack, CITY_ATTACKS, type CityAttack } from "./attackers.ts";
export * from "./community.ts";
export * from "./life-statistics.ts";
export * from "./parameters.ts";
export type { CityEvent } from "./recording.ts";
export { CITY_CARD_KINDS, type CityCardKind, type Draws } from "./residents.ts";
