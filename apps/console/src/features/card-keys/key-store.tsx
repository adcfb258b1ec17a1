import "./texts/index.ts";
import { StateMark } from "@menshen/ui";
import { type CardKeyStore, type ChangeReason, cardKeyEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Input, type TableColumnsType } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { Empty, Failed } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { allOf } from "./use-card-keys.ts";

type KeptKey = CardKeyStore["keys"][number];

/** Where the keys of cards are kept, and unlocking them. */
export function KeyStore() {
  const { t } = useTranslation("cardKeys");
  const store = useQuery({
    queryKey: [cardKeyEndpoints.store.id],
    queryFn: ({ signal }) => call(cardKeyEndpoints.store, { signal }),
  });
  if (store.isPending) return null;
  if (store.isError) return <Failed error={store.error} onRetry={() => void store.refetch()} />;
  const { backEnd, lock, keys } = store.data;
  const columns: TableColumnsType<KeptKey> = [
    { key: "name", title: t("store.key"), render: (_, { name, version }) => `${name} · ${version}` },
    { key: "check", title: t("store.checkValue"), render: (_, { checkValue }) => <code>{checkValue}</code> },
  ];
  return (
    <section className="section" aria-labelledby="key-store">
      <h2 id="key-store">{t("store.title")}</h2>
      <p role="status">
        {lock === undefined ? (
          <StateMark tone="granted">{t(`store.open.${backEnd}`)}</StateMark>
        ) : (
          <>
            <StateMark tone="offline">{t("store.locked")}</StateMark> {t(`store.lock.${lock}`)}
          </>
        )}
      </p>
      {lock === undefined ? (
        <PagedTable
          read={allOf(keys)}
          label={t("store.title")}
          rowKey={({ name, version }) => `${name} ${version}`}
          columns={columns}
          empty={<Empty title={t("noCards")}>{t("noCardsHelp")}</Empty>}
        />
      ) : (
        <Unlock backEnd={backEnd} onDone={() => void store.refetch()} />
      )}
    </section>
  );
}

function Unlock({ backEnd, onDone }: { backEnd: CardKeyStore["backEnd"]; onDone: () => void }) {
  const { t } = useTranslation("cardKeys");
  const mayUnlock = useMay("custody.write");
  const id = useId();
  const [secret, setSecret] = useState("");
  const unlock = useChange(
    async (reason: ChangeReason) => {
      const opened = await call(cardKeyEndpoints.unlock, { body: { secret }, reason });
      setSecret("");
      onDone();
      return opened;
    },
    {
      doneText: t("store.done"),
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? t("store.refused") : undefined,
    },
  );
  if (!mayUnlock) return <p className="quiet">{t("store.mayNot")}</p>;
  return (
    <div className="actions">
      <label htmlFor={id}>{t(`store.secret.${backEnd}`)}</label>
      <Input.Password
        id={id}
        autoComplete="off"
        maxLength={1024}
        value={secret}
        onChange={(event) => setSecret(event.target.value)}
      />
      {secret === "" ? null : (
        <ReasonButton
          label={t("store.unlock")}
          isPending={unlock.isPending}
          isPrimary
          onConfirm={unlock.mutate}
        />
      )}
    </div>
  );
}
