import { type Credential, credentialEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { EnrolDrawer } from "./enrol-drawer.tsx";

/** What the desk does to one credential; blocking and unblocking undo each other, so neither asks twice. */
export function CredentialActions(props: { credential: Credential }) {
  const { t } = useTranslation();
  const mayWrite = useMay("credentials.write");
  const { credential } = props;
  const [isReplacing, setIsReplacing] = useState(false);
  const params = { id: credential.id };
  const block = useChange(() => call(credentialEndpoints.block, { params, reason: { code: "security" } }));
  const lose = useChange(() =>
    call(credentialEndpoints.lost, { params, reason: { code: "lost-or-stolen" } }),
  );
  const unblock = useChange(() =>
    call(credentialEndpoints.unblock, { params, reason: { code: "resident-request" } }),
  );
  if (!mayWrite || credential.state === "replaced") return null;
  return (
    <span className="actions">
      {credential.state === "active" ? (
        <>
          <Button loading={lose.isPending} onClick={() => lose.mutate(undefined)}>
            {t("credential.reportLost")}
          </Button>
          <Button loading={block.isPending} onClick={() => block.mutate(undefined)}>
            {t("credential.block")}
          </Button>
        </>
      ) : (
        <Button loading={unblock.isPending} onClick={() => unblock.mutate(undefined)}>
          {credential.state === "lost" ? t("credential.found") : t("credential.unblock")}
        </Button>
      )}
      <Button onClick={() => setIsReplacing(true)}>{t("credential.replace")}</Button>
      <EnrolDrawer
        isOpen={isReplacing}
        onClose={() => setIsReplacing(false)}
        personId={credential.personId}
        personName={credential.personName}
        replaces={credential}
      />
    </span>
  );
}
