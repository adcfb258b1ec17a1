import { randomBytes, sha256 } from "@menshen/crypto";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "../../preferences.tsx";
import { setUpScreen } from "./screen-set-up.ts";

const TOKEN_BYTES = 32;

/** What the installer of a screen takes along. The token is drawn here and leaves this browser only by hand. */
export function ScreenSetUpSheet(props: { readerId: string; accessPointId: string; doorName: string }) {
  const { t } = useTranslation("readers");
  const { language } = usePreferences();
  const [token] = useState(() => randomBytes(TOKEN_BYTES));
  const { configuration, command } = setUpScreen(props, token, sha256, language);
  return (
    <>
      <p>{t("screen.lead")}</p>
      <h3>{t("screen.gate")}</h3>
      <Copied text={configuration} />
      <p className="quiet">{t("screen.merge")}</p>
      <h3>{t("screen.browser")}</h3>
      <Copied text={command} />
      <p className="quiet">{t("screen.why")}</p>
    </>
  );
}

function Copied(props: { text: string }) {
  const { t } = useTranslation("readers");
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(props.text).then(
      () => message.success(t("screen.copied")),
      () => message.error(t("screen.notCopied")),
    );
  return (
    <>
      <pre className="keys">{props.text}</pre>
      <Button onClick={() => void copy()}>{t("screen.copy")}</Button>
    </>
  );
}
