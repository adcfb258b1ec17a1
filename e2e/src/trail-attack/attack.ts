import { counters, enumerate, sealed, wraps } from "./keys.ts";
import { fingerprint, linkKeys, twins, wrapShape } from "./links.ts";
import type { Loot } from "./loot.ts";
import type { Named } from "./register.ts";
import { enrolmentTap, fetches, plainSight, reasons, residue, traits } from "./sight.ts";

const ATTACKS = {
  enumerate,
  counters,
  wraps,
  sealed,
  linkKeys,
  twins,
  wrapShape,
  fingerprint,
  reasons,
  traits,
  enrolmentTap,
  plainSight,
  fetches,
  residue,
};

export type AttackName = keyof typeof ATTACKS;

/** Tries everything, or what is named; by attack whom it names, those without success left out. */
export async function attack(
  loot: Loot,
  names: readonly AttackName[] = Object.keys(ATTACKS) as AttackName[],
): Promise<Readonly<Partial<Record<AttackName, Named>>>> {
  const named: Partial<Record<AttackName, Named>> = {};
  for (const name of names) {
    const found = await ATTACKS[name](loot);
    if (found.size > 0) named[name] = found;
  }
  return named;
}
