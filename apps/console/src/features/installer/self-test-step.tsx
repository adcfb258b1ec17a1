import { StateMark } from "@menshen/ui";
import { type Installation, installerEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";

/** The gate tests itself; what it finds stands in words, with what to do. */
export function SelfTestStep({ installation: { gate, selfTest } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const mayWrite = useMay("gates.write");
  const start = useChange(
    () =>
      call(installerEndpoints.command, {
        params: { gateId: gate.id },
        body: { kind: "self-test" },
        reason: { code: "installation" },
      }),
    { isUnderWay: true },
  );
  const report = selfTest?.report;
  return (
    <>
      <p className="quiet">{t("selfTest.help")}</p>
      {report === undefined || selfTest === undefined ? null : (
        <div aria-live="polite" className="install__report">
          <p>
            {report.isRunning ? (
              <StateMark tone="quiet">{t("selfTest.running")}</StateMark>
            ) : report.faults.length === 0 ? (
              <StateMark tone="granted">{t("selfTest.clean", { count: report.tested })}</StateMark>
            ) : (
              <StateMark tone="alarm">
                {t("selfTest.found", { count: report.tested, faults: report.faults.length })}
              </StateMark>
            )}{" "}
            <RelativeMoment epochMs={selfTest.at} />
          </p>
          <ul className="plain-list">
            {report.faults.map(({ code, subject, value }) => (
              <li key={`${code} ${subject ?? ""}`} data-fault={code}>
                <span className="install__reader">
                  <strong>
                    {subject === undefined
                      ? t("selfTest.gate")
                      : (selfTest.names[subject] ?? t("selfTest.gate"))}
                  </strong>
                  <span>{t(`selfTest.fault.${code}`, { value: value ?? "–" })}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {mayWrite ? (
        <Button
          size="large"
          disabled={gate.link !== "online"}
          loading={start.isPending || report?.isRunning === true}
          onClick={() => start.mutate(undefined)}
        >
          {t("selfTest.start")}
        </Button>
      ) : null}
    </>
  );
}
