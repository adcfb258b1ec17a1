import type { ResidentPlaces } from "@menshen/wire";
import type { Texts } from "../i18n/texts.ts";

/** The name of an access point, gone ones included; dots while names are not here yet. */
export function placeName(t: Texts, id: string, places: ResidentPlaces | undefined): string {
  if (places === undefined) return "…";
  return places.accessPoints.find((point) => point.id === id)?.name ?? t.trail.place;
}
