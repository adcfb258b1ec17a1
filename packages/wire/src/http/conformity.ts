import Type, { type Static } from "typebox";
import { API_BASE, EpochMs } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/**
 * - `kept`: the software keeps it, as the named tests show, and nothing of this community stands against it;
 * - `broken`: kept by the software, and yet something here stands against it, as often as `breaches` says;
 * - `person`: software cannot decide it;
 * - `open`: this software does not do it yet.
 */
export const CONFORMITY_STATES = ["kept", "broken", "person", "open"] as const;

export const ConformityItem = Type.Object({
  /** The row's name, as in the titles of its tests: a letter and a number. */
  id: Type.String(),
  /** As they are cited. */
  articles: Type.String(),
  behaviour: Type.Object({ "zh-CN": Type.String(), en: Type.String() }),
  state: Type.Enum(CONFORMITY_STATES),
  /** Since when the state is this one, in this community. */
  since: EpochMs,
  /** What stands against it now, counted; absent where only tests speak. */
  breaches: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Paths of tests in the public source of this software. */
  tests: Type.Array(Type.String()),
});
export type ConformityItem = Static<typeof ConformityItem>;

export const Conformity = Type.Object({
  checkedAt: EpochMs,
  softwareVersion: Type.String(),
  items: Type.Array(ConformityItem),
});
export type Conformity = Static<typeof Conformity>;

export const conformityEndpoints = {
  read: endpoint({
    id: "readConformity",
    method: "GET",
    path: `${API_BASE}/public/conformity`,
    tag: "conformity",
    summary: "each rule of law with its articles, its state here and since when; for anybody",
    response: Conformity,
  }),
} as const;
