import { StateMark } from "@menshen/ui";
import type { Credential } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { ExactMoment } from "../../components/moments.tsx";

/** Whether gates can find a credential in the public log, without which it opens nothing. */
export function CredentialLogMark(props: { credential: Credential }) {
  const { t } = useTranslation();
  const { log } = props.credential;
  if (log === undefined) return null;
  if (log.state !== "published") {
    return (
      <StateMark tone={log.state === "second-person" ? "refused" : "offline"}>
        {t(`credential.log.${log.state}`)}
      </StateMark>
    );
  }
  return (
    <span className="quiet">
      {log.since === undefined ? (
        t("credential.log.published")
      ) : (
        <>
          {t("credential.log.publishedSince")} <ExactMoment epochMs={log.since} />
        </>
      )}
    </span>
  );
}
