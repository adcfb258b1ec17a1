import { GradeMark } from "@menshen/ui";
import { credentialEndpoints, type Person } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { useMay } from "../../api/session.tsx";
import { PhoneDesk } from "../aliro/phone-desk.tsx";
import { CredentialActions } from "./credential-actions.tsx";
import { CredentialLifeMark } from "./credential-life-mark.tsx";
import { CredentialLogMark } from "./credential-log-mark.tsx";
import { CredentialStateMark } from "./credential-state-mark.tsx";
import { EnrolDrawer } from "./enrol-drawer.tsx";

/** A person's credentials, and enrolling one more. */
export function PersonCredentials(props: { person: Person }) {
  const { t } = useTranslation();
  const mayWrite = useMay("credentials.write");
  const { t: text } = useTranslation("phones");
  const [isPhone, setIsPhone] = useState(false);
  const [isEnrolling, setIsEnrolling] = useState(false);
  const credentials = usePaged(credentialEndpoints.list, { personId: props.person.id, limit: 100 });
  return (
    <section>
      <h3>{t("nav.credentials")}</h3>
      {credentials.isSuccess && credentials.items.length === 0 ? <p>{t("credential.noneYet")}</p> : null}
      <ul className="plain-list">
        {credentials.items.map((credential) => (
          <li key={credential.id}>
            <span>
              <strong>
                {t(`credentialKind.${credential.kind}`)}
                {credential.label === "" ? "" : ` …${credential.label}`}
              </strong>{" "}
              <GradeMark grade={credential.grade} label={t(`grade.of.${credential.grade}`)} />{" "}
              <CredentialStateMark credential={credential} /> <CredentialLifeMark credential={credential} />{" "}
              <CredentialLogMark credential={credential} />
            </span>
            <CredentialActions credential={credential} />
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <span className="actions">
          <Button onClick={() => setIsEnrolling(true)}>{t("credential.enrol")}</Button>
          <Button onClick={() => setIsPhone(true)}>{text("desk.button")}</Button>
        </span>
      ) : null}
      <PhoneDesk
        isOpen={isPhone}
        onClose={() => setIsPhone(false)}
        personId={props.person.id}
        personName={props.person.displayName}
      />
      <EnrolDrawer
        isOpen={isEnrolling}
        onClose={() => setIsEnrolling(false)}
        personId={props.person.id}
        personName={props.person.displayName}
      />
    </section>
  );
}
