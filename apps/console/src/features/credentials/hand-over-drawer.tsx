import { type Credential, credentialEndpoints } from "@menshen/wire";
import { Button, Drawer, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useSignedIn } from "../../api/session.tsx";
import { dayIn } from "./use-legacy-until.ts";

/** Hands a credential over: the receipt in both languages to print and sign, its number and date to keep. */
export function HandOverDrawer(props: { credential: Credential; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("cards");
  const { t: text } = useTranslation();
  const { community } = useSignedIn();
  const { credential } = props;
  const isDue = credential.state === "personalised";
  const [number, setNumber] = useState("");
  const [date, setDate] = useState(() => dayIn(Date.now(), community.timeZone));
  const numberId = useId();
  const dateId = useId();
  const handOver = useChange(
    (paper: { number: string; date: string } | undefined) =>
      call(credentialEndpoints.handOver, {
        params: { id: credential.id },
        body: paper === undefined ? {} : { paper },
      }),
    { onDone: props.onClose },
  );
  return (
    <Drawer open={props.isOpen} onClose={props.onClose} size={480} title={t("life.handOverTitle")}>
      <section className="receipt">
        <p>{t("life.receiptText")}</p>
        <p className="quiet">{t("life.receiptTextOther")}</p>
        <p>
          <strong>{credential.personName}</strong> {credential.dwellingName}
          <br />
          {text(`credentialKind.${credential.kind}`)} …{credential.label}
        </p>
        <p className="receipt__sign">{t("life.signature")}</p>
      </section>
      <form
        className="import-form no-print"
        onSubmit={(event) => {
          event.preventDefault();
          if (number.trim() !== "") handOver.mutate({ number: number.trim(), date });
        }}
      >
        <label htmlFor={numberId}>
          {t("life.receiptNumber")}
          <Input
            id={numberId}
            maxLength={40}
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
        </label>
        <label htmlFor={dateId}>
          {t("life.receiptDate")}
          <Input id={dateId} type="date" value={date} onChange={(event) => setDate(event.target.value)} />
        </label>
        <Button onClick={() => window.print()}>{t("life.printReceipt")}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={number.trim() === "" || date === ""}
          loading={handOver.isPending}
        >
          {t("life.withReceipt")}
        </Button>
        {isDue ? (
          <Button loading={handOver.isPending} onClick={() => handOver.mutate(undefined)}>
            {t("life.withoutReceipt")}
          </Button>
        ) : null}
      </form>
    </Drawer>
  );
}
