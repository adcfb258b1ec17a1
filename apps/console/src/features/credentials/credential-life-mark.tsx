import "./texts/index.ts";
import { isCopyable } from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import type { Credential } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { DayText, useNow } from "../../components/moments.tsx";

/** When a credential ends, whether it is lent, whether it is one that anybody can copy, and what was signed for it. */
export function CredentialLifeMark(props: { credential: Credential }) {
  const { t } = useTranslation("cards");
  const now = useNow(60_000);
  const { kind, state, until, temporary, receipt } = props.credential;
  const isInUse = state === "active" || state === "blocked";
  const isOver = until !== undefined && until <= now;
  return (
    <>
      {isInUse && isCopyable(kind) ? <StateMark tone="refused">{t("life.watched")}</StateMark> : null}{" "}
      {temporary === true ? <span>{t("life.temporary")} </span> : null}
      {isInUse && until !== undefined ? (
        <span className="quiet">
          {isOver ? t(temporary === true ? "life.overNotBack" : "life.over") : t("life.until")}{" "}
          <DayText epochMs={until} />
        </span>
      ) : null}
      {receipt === undefined ? null : (
        <span className="quiet">
          {" "}
          {t("life.signed")}:{" "}
          {receipt.way === "paper"
            ? t("life.signedPaper", { number: receipt.number ?? "", date: receipt.date ?? "" })
            : t("life.signedOwnKey")}
        </span>
      )}
    </>
  );
}
