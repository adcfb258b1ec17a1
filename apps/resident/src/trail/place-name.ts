import type { ResidentPlaces } from "@menshen/wire";
import type { Texts } from "../i18n/texts.ts";

/** The name of an access point, gone ones included. */
export function placeName(t: Texts, id: string, places: ResidentPlaces | undefined): string {
  return places?.accessPoints.find((point) => point.id === id)?.name ?? t.trail.place;
}
