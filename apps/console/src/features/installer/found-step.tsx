import { StateMark } from "@menshen/ui";
import { type Installation, type InstalledReader, installerEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { useCommand } from "../guard/use-command.ts";
import { lookedFor } from "./steps.ts";

/** Which readers answer, and giving each new one its key, with somebody standing beside it. */
export function FoundStep({ installation }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  return (
    <>
      <p className="quiet">{t("found.help")}</p>
      {installation.oldJournal === undefined ? null : <p>{t("found.oldKeys")}</p>}
      <ul className="plain-list">
        {lookedFor(installation).map((reader) => (
          <FoundReader key={reader.readerId} gateId={installation.gate.id} reader={reader} />
        ))}
      </ul>
    </>
  );
}

function FoundReader({ gateId, reader }: { gateId: string; reader: InstalledReader }) {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const mayWrite = useMay("gates.write");
  const [isAsking, setIsAsking] = useState(false);
  const { readerId } = reader;
  const give = useCommand((kind: "find" | "install-window") =>
    call(installerEndpoints.command, {
      params: { gateId },
      body: { kind, readerId },
      reason: { code: "installation" },
    }),
  );
  const isOnLine = reader.kind !== "pcsc";
  return (
    <li data-reader={reader.name}>
      <span className="install__reader">
        <strong>{reader.name}</strong>
        <StateMark tone={reader.found === "yes" ? "granted" : reader.found === "no" ? "alarm" : "quiet"}>
          {t(`found.${reader.found}`)}
        </StateMark>
        {isOnLine && reader.found === "yes" ? (
          <StateMark tone={reader.channel === "own-key" ? "granted" : "refused"}>
            {t(`found.channel.${reader.channel}`)}
          </StateMark>
        ) : null}
        {reader.found === "no" ? <span className="quiet">{t("found.noHelp")}</span> : null}
      </span>
      {!mayWrite || !isOnLine ? null : isAsking ? (
        <span className="install__ask">
          <span>{t("found.confirm")}</span>
          <span className="actions">
            <Button
              type="primary"
              onClick={() => {
                setIsAsking(false);
                give.mutate("install-window");
              }}
            >
              {t("found.confirmYes")}
            </Button>
            <Button onClick={() => setIsAsking(false)}>{tc("common.cancel")}</Button>
          </span>
        </span>
      ) : (
        <span className="actions">
          {reader.kind === "osdp" ? (
            <Button disabled={reader.found !== "yes"} onClick={() => give.mutate("find")}>
              {t("found.blink")}
            </Button>
          ) : null}
          {reader.channel === "own-key" ? null : (
            <Button onClick={() => setIsAsking(true)}>{t("found.giveKey")}</Button>
          )}
        </span>
      )}
    </li>
  );
}
