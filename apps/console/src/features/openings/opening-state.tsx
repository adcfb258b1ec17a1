import "./texts/index.ts";
import { StateMark, type StateTone } from "@menshen/ui";
import type { Opening } from "@menshen/wire";
import { useTranslation } from "react-i18next";

/** Where a request stands, as the desk sees it: the server's state together with what is left to do. */
export type OpeningStanding =
  | "logging"
  | "waiting"
  | "ready"
  | "handedOver"
  | "nothing"
  | "held"
  | "holdEnded"
  | "refused"
  | "expired"
  | "disclosed";

const TONES: Readonly<Record<OpeningStanding, StateTone>> = {
  logging: "quiet",
  waiting: "quiet",
  ready: "granted",
  handedOver: "granted",
  nothing: "quiet",
  held: "granted",
  holdEnded: "quiet",
  refused: "refused",
  expired: "refused",
  disclosed: "granted",
};

export function standingOf(opening: Opening): OpeningStanding {
  if (opening.holdEndedAt !== undefined) return "holdEnded";
  // What is kept is still there when the persons concerned have been told.
  if (opening.holdUntil !== undefined && opening.state === "answered") return "held";
  if (opening.disclosedAt !== undefined) return "disclosed";
  switch (opening.state) {
    case "requested":
      return opening.logged ? "waiting" : "logging";
    case "answered":
      if (opening.package === "ready") return "ready";
      return opening.package === "handed-over" ? "handedOver" : "nothing";
    case "refused":
    case "expired":
      return opening.state;
  }
}

export function OpeningMark(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const standing = standingOf(props.opening);
  return <StateMark tone={TONES[standing]}>{t(`stateOf.${standing}`)}</StateMark>;
}

/** The number of the document by which something was asked, or what became of it. */
export function useDocumentName(): (opening: Opening) => string {
  const { t } = useTranslation("openings");
  return ({ documentNumber, review }) =>
    documentNumber ?? t(review?.outcome === "justified" ? "papersAdded" : "noNumber");
}

/** Time left, in the largest whole unit that says enough. */
export function useTimeLeft(): (leftMs: number) => string {
  const { t } = useTranslation("openings");
  return (leftMs) => {
    const minutes = Math.max(0, Math.ceil(leftMs / 60_000));
    if (minutes < 120) return t("minutes", { count: minutes });
    if (minutes < 72 * 60) return t("hours", { count: Math.floor(minutes / 60) });
    return t("days", { count: Math.floor(minutes / 1_440) });
  };
}

/** A body's name; one that this program does not know stands as it is. */
export function useBodyName(): (body: string) => string {
  const { t } = useTranslation("openings");
  return (body) =>
    body === "committee" || body === "property" || body === "city"
      ? t(`bodyOf.${body}`)
      : t("bodyOf.other", { body });
}
