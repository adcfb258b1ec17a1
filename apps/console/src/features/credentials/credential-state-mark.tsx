import { StateMark } from "@menshen/ui";
import type { Credential } from "@menshen/wire";
import { useTranslation } from "react-i18next";

/** Whether a credential opens, in words. */
export function CredentialStateMark(props: { credential: Credential }) {
  const { t } = useTranslation();
  const { state } = props.credential;
  return (
    <StateMark tone={state === "active" ? "granted" : state === "replaced" ? "quiet" : "refused"}>
      {t(`credential.state.${state}`)}
    </StateMark>
  );
}
