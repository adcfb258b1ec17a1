import type { PeopleCount } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client.ts";

/** A count of people in words: below ten it says no more. */
export function usePeopleText(): (count: PeopleCount) => string {
  const { t: text } = useTranslation("messages");
  return (count) => ("count" in count ? text("people", { count: count.count }) : text("fewPeople"));
}

/** A commercial message says that it is one, wherever it stands. */
export function CommercialMark() {
  const { t: text } = useTranslation("messages");
  return <span className="commercial-mark">{text("commercial")}</span>;
}

/** What the server called a refusal. */
export function codeOf(error: unknown): ApiError["code"] | undefined {
  return error instanceof ApiError ? error.code : undefined;
}
