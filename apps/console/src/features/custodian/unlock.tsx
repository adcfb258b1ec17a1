import type { StoreUnlock } from "@menshen/custody";
import { Alert, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Desk, openDesk } from "./desk.ts";
import { useCommunity } from "./desk-context.tsx";
import { askPasskey } from "./passkey-secret.ts";
import type { SealedRecord } from "./sealed-record.ts";

/** The locked desk: passkey or passphrase, whichever the store was made with. */
export function Unlock(props: { record: SealedRecord; wasIdle: boolean; onOpened: (desk: Desk) => void }) {
  const { t } = useTranslation("custodian");
  const community = useCommunity();
  const id = useId();
  const [passphrase, setPassphrase] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [fault, setFault] = useState<"elsewhere" | "wrong" | "damaged">();
  const { record } = props;
  const { passkeyId } = record;

  const open = async (unlock: StoreUnlock) => {
    const result = await openDesk(record, unlock);
    if (result.opened) props.onOpened(result.desk);
    else setFault(result.refusal === "wrong-unlock" ? "wrong" : result.refusal);
  };
  const busy = async (work: () => Promise<void>) => {
    setIsBusy(true);
    setFault(undefined);
    try {
      await work();
    } finally {
      setIsBusy(false);
    }
  };
  const openByPasskey = async (known: Uint8Array<ArrayBuffer>) => {
    const asked = await askPasskey(known);
    if (asked.given) await open({ by: "secret", secret: asked.secret });
    else setFault("wrong");
  };

  return (
    <div className="desk-door">
      <h1>{t("unlock.title")}</h1>
      <p className="quiet">{t("unlock.lead", { community: community.name })}</p>
      {props.wasIdle ? <p role="status">{t("unlock.idle")}</p> : null}
      {fault === undefined ? null : <Alert type="warning" showIcon title={t(`unlock.${fault}`)} />}
      {passkeyId === undefined ? (
        <form
          className="desk-door__form"
          onSubmit={(event) => {
            event.preventDefault();
            if (passphrase !== "") void busy(() => open({ by: "passphrase", passphrase }));
          }}
        >
          <label htmlFor={id}>{t("unlock.passphrase")}</label>
          <Input.Password
            id={id}
            autoFocus
            autoComplete="current-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <Button type="primary" htmlType="submit" size="large" block loading={isBusy}>
            {isBusy ? t("setUp.making") : t("unlock.open")}
          </Button>
        </form>
      ) : (
        <Button
          type="primary"
          size="large"
          block
          loading={isBusy}
          onClick={() => void busy(() => openByPasskey(passkeyId))}
        >
          {t("unlock.passkey")}
        </Button>
      )}
    </div>
  );
}
