import { QrCode, StateMark } from "@menshen/ui";
import { type Installation, installerEndpoints, type ResponseOf } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";

type GateFile = ResponseOf<typeof installerEndpoints.configuration>;

/** The gate's file with its one-time code, until it is connected. */
export function BoxStep({ installation: { gate } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const mayWrite = useMay("gates.write");
  const [file, setFile] = useState<GateFile>();
  const make = useChange(
    () =>
      call(installerEndpoints.configuration, {
        params: { gateId: gate.id },
        reason: { code: "installation" },
      }),
    { onDone: setFile, doneText: t("box.made") },
  );
  return (
    <>
      <p className="quiet">{t("box.help")}</p>
      <p aria-live="polite">
        {gate.enrolment === "revoked" ? (
          <StateMark tone="refused">{t("box.revoked")}</StateMark>
        ) : gate.link === "online" ? (
          <StateMark tone="granted">{t("box.connected")}</StateMark>
        ) : gate.enrolment === "enrolled" ? (
          <StateMark tone="offline">{t("box.offline")}</StateMark>
        ) : (
          <StateMark tone="quiet">{t("box.waiting")}</StateMark>
        )}
      </p>
      {mayWrite && gate.enrolment !== "revoked" ? (
        <Button
          size="large"
          type={file === undefined && gate.enrolment === "new" ? "primary" : "default"}
          loading={make.isPending}
          onClick={() => make.mutate(undefined)}
        >
          {file === undefined ? t("box.make") : t("box.again")}
        </Button>
      ) : null}
      {file === undefined ? null : (
        <div className="install__file">
          <a
            className="install__save"
            download={file.fileName}
            href={`data:application/json;charset=utf-8,${encodeURIComponent(file.text)}`}
          >
            {t("box.save")}
          </a>
          {file.code === undefined || gate.enrolment !== "new" ? null : (
            <>
              <h3>{t("box.codeTitle")}</h3>
              <p className="code">{file.code}</p>
              <p>
                {t("box.codeHelp")}
                {file.codeUntil === undefined ? null : (
                  <>
                    {" · "}
                    {t("box.until")} <ExactMoment epochMs={file.codeUntil} />
                  </>
                )}
              </p>
              <QrCode text={file.code} label={t("box.codeLabel")} />
            </>
          )}
        </div>
      )}
    </>
  );
}
