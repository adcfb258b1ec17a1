import { type Opening, openingEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** Puts a text into the downloads of this browser. */
function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun the download by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The package: taken out once, saved, named by its check value. */
export function HandOver(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const mayWrite = useMay("openings.write");
  const { opening } = props;
  // Held here only, because the server has it no longer.
  const [taken, setTaken] = useState<{ text: string; sha256: string }>();
  const [isSaved, setIsSaved] = useState(false);
  const save = (text: string) => {
    saveFile(`menshen-${opening.id}.package.json`, text);
    setIsSaved(true);
  };
  const takeOut = useChange(
    (reason: Parameters<typeof call<typeof openingEndpoints.handOver>>[1]["reason"]) =>
      call(openingEndpoints.handOver, { params: { id: opening.id }, reason }),
    {
      onDone: (answer) => {
        setTaken({ text: answer.package, sha256: answer.sha256 });
        save(answer.package);
      },
    },
  );
  const saveKeys = useChange(async () => {
    const keys = await call(openingEndpoints.keys, {});
    saveFile("menshen-keys.json", JSON.stringify(keys, null, 2));
  });
  return (
    <section className="section" aria-labelledby="opening-package">
      <h2 id="opening-package">{t("detail.package")}</h2>
      {taken !== undefined ? (
        <div role="status">
          {isSaved ? null : <p>{t("detail.saveNow")}</p>}
          <p>
            {t("detail.sha256")}
            <br />
            <code className="code">{taken.sha256}</code>
          </p>
          <p className="quiet">{t("detail.verify")}</p>
          <Button onClick={() => save(taken.text)}>{t("detail.saveAgain")}</Button>
        </div>
      ) : opening.package === "ready" ? (
        <>
          <p>{t("detail.packageReady")}</p>
          {mayWrite ? (
            <ReasonButton
              label={t("detail.handOver")}
              isPrimary
              isPending={takeOut.isPending}
              onConfirm={(reason) => takeOut.mutate(reason)}
            />
          ) : null}
        </>
      ) : (
        <p className="quiet">
          {opening.package === "handed-over" ? t("detail.packageGone") : t("detail.packageNone")}
        </p>
      )}
      <p>
        <button type="button" className="link-button" onClick={() => saveKeys.mutate(undefined)}>
          {t("detail.keys")}
        </button>{" "}
        <span className="quiet">{t("detail.keysHelp")}</span>
      </p>
    </section>
  );
}
