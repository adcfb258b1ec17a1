import type { AtCity } from "@menshen/wire";
import type { TFunction } from "i18next";

/** What the city made of it, in words; `undefined` without a city. */
export function cityText(text: TFunction<"market">, city: AtCity | undefined): string | undefined {
  if (city === undefined) return undefined;
  const { state, incident: number, communities } = city;
  if (number === undefined) return text(`atCity.${state}`);
  return communities === undefined
    ? text("atCity.incidentFew", { number })
    : text("atCity.incident", { number, communities });
}
