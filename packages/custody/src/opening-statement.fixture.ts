import type { OpeningStatement } from "./opening-statement.ts";

/** Asked on 2026-11-22 at 08:00 UTC: one door, two hours of the night before. For tests. */
export const EXAMPLE_REQUEST: OpeningStatement = {
  topic: "opening-requested",
  at: 1_795_334_400_000,
  requestId: "6f6d3a52-2a0e-4a58-9c44-0a5f0f1f7e01",
  authority: "某区公安分局",
  documentNumber: "调证〔2026〕0147号",
  documentSha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  accessPointIds: ["11111111-1111-4111-8111-111111111111"],
  from: 1_795_302_000_000,
  until: 1_795_309_200_000,
  purpose: "入室盗窃案",
  deadline: 1_795_507_200_000,
  path: "ordinary",
  sealUntil: 1_803_110_400_000,
  entryCap: 200,
};

/** The same as an emergency whose papers follow. */
export const EXAMPLE_EMERGENCY: OpeningStatement = (() => {
  const { documentNumber: _number, documentSha256: _hash, ...rest } = EXAMPLE_REQUEST;
  return { ...rest, path: "emergency", deadline: 1_795_341_600_000 };
})();
