import { randomBytes } from "@menshen/crypto";
import type { StoreUnlock } from "@menshen/custody";
import type { EpochGrid } from "@menshen/domain";
import { custodyEndpoints, evidenceEndpoints, type LogDescription } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Input, Radio } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { type Desk, makeDesk } from "./desk.ts";
import { useCommunity } from "./desk-context.tsx";
import { makePasskey } from "./passkey-secret.ts";

const SHORTEST_PASSPHRASE = 12;

/** The first visit: the log is pinned, the identity key is made, and the store is locked. */
export function SetUp(props: { onMade: (desk: Desk) => void }) {
  const { t } = useTranslation("custodian");
  const log = useQuery({
    queryKey: ["custodian", "log"],
    queryFn: ({ signal }) => call(evidenceEndpoints.log, { signal }),
  });
  const status = useQuery({
    queryKey: ["custodian", "status"],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  if (log.isPending || status.isPending) return <Loading />;
  if (log.isError) return <Failed error={log.error} onRetry={() => void log.refetch()} />;
  if (status.isError) return <Failed error={status.error} onRetry={() => void status.refetch()} />;
  return (
    <>
      <PageHead title={t("setUp.title")} lead={t("setUp.lead")} />
      <SetUpForm
        log={log.data}
        grid={status.data.grid}
        retentionDays={status.data.settings.retentionDays}
        onMade={props.onMade}
      />
    </>
  );
}

function SetUpForm(props: {
  log: LogDescription;
  grid: EpochGrid;
  retentionDays: number;
  onMade: (desk: Desk) => void;
}) {
  const { t } = useTranslation("custodian");
  const community = useCommunity();
  const id = useId();
  const [isCompared, setIsCompared] = useState(false);
  const [way, setWay] = useState<"passkey" | "passphrase">("passkey");
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [fault, setFault] = useState<"noPrf" | "cancelled" | "failed" | "tooShort" | "differs">();
  const [isElsewhere, setIsElsewhere] = useState(false);
  const { log } = props;

  const make = async (unlock: StoreUnlock, passkeyId?: Uint8Array<ArrayBuffer>) => {
    const { origin, logKey, quorum } = log;
    const made = await makeDesk(
      {
        identitySeed: randomBytes(32),
        communityId: community.id,
        grid: props.grid,
        log: { origin, logKey, quorum, witnesses: counted(log).map(({ body, key }) => ({ body, key })) },
        retentionDays: props.retentionDays,
        shares: [],
        receipts: [],
        answered: [],
        latestMs: Date.now(),
      },
      unlock,
      passkeyId,
    );
    if (made.opened) props.onMade(made.desk);
    else setIsElsewhere(true);
  };
  const submit = async () => {
    setFault(undefined);
    if (way === "passphrase") {
      if ([...passphrase].length < SHORTEST_PASSPHRASE) return setFault("tooShort");
      if (passphrase !== again) return setFault("differs");
      return make({ by: "passphrase", passphrase });
    }
    const passkey = await makePasskey(`${community.name} · ${t("title")}`);
    if (!passkey.given) return setFault(passkey.reason === "no-prf" ? "noPrf" : "cancelled");
    return make({ by: "secret", secret: passkey.secret }, passkey.passkeyId);
  };
  const onSubmit = async () => {
    setIsBusy(true);
    try {
      await submit();
    } catch {
      setFault("failed");
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <form
      className="set-up"
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <section aria-labelledby={`${id}-log`}>
        <h2 id={`${id}-log`}>{t("setUp.logTitle")}</h2>
        <p>{t("setUp.logHelp")}</p>
        <PinnedKeys log={log} />
        <Checkbox checked={isCompared} onChange={(event) => setIsCompared(event.target.checked)}>
          {t("setUp.compared")}
        </Checkbox>
      </section>
      <section aria-labelledby={`${id}-protect`} className="section">
        <h2 id={`${id}-protect`}>{t("setUp.protectTitle")}</h2>
        <p>{t("setUp.protectHelp")}</p>
        <Radio.Group
          aria-labelledby={`${id}-protect`}
          value={way}
          onChange={(event) => setWay(event.target.value === "passkey" ? "passkey" : "passphrase")}
          options={[
            { value: "passkey", label: t("setUp.passkey") },
            { value: "passphrase", label: t("setUp.passphrase") },
          ]}
        />
        <p className="quiet">{way === "passkey" ? t("setUp.passkeyHelp") : t("setUp.passphraseHelp")}</p>
        {way === "passkey" ? null : (
          <div className="desk-door__form">
            <label htmlFor={`${id}-passphrase`}>{t("setUp.passphrase")}</label>
            <Input.Password
              id={`${id}-passphrase`}
              autoComplete="new-password"
              value={passphrase}
              onChange={(event) => setPassphrase(event.target.value)}
            />
            <label htmlFor={`${id}-again`}>{t("setUp.again")}</label>
            <Input.Password
              id={`${id}-again`}
              autoComplete="new-password"
              value={again}
              onChange={(event) => setAgain(event.target.value)}
            />
          </div>
        )}
        <p className="desk-warning">{t("setUp.lost")}</p>
      </section>
      {fault === undefined ? null : <Alert type="warning" showIcon title={t(`setUp.${fault}`)} />}
      {isElsewhere ? <Alert type="warning" showIcon title={t("unlock.elsewhere")} /> : null}
      <Button type="primary" size="large" htmlType="submit" disabled={!isCompared} loading={isBusy}>
        {isBusy ? t("setUp.making") : t("setUp.make")}
      </Button>
    </form>
  );
}

/** Witnesses that count; extra ones add nothing to what this program believes. */
function counted({ witnesses }: LogDescription): LogDescription["witnesses"] {
  return witnesses.filter(({ extra }) => extra !== true);
}

function PinnedKeys(props: { log: LogDescription }) {
  const { t } = useTranslation("custodian");
  const { log } = props;
  return (
    <dl className="pinned-keys">
      <dt>{t("setUp.origin")}</dt>
      <dd>
        <code>{log.origin}</code>
      </dd>
      <dt>{t("setUp.logKey")}</dt>
      <dd>
        <code>{log.logKey}</code>
      </dd>
      {log.quorum === 0 ? (
        <dd className="desk-warning">{t("setUp.noWitnesses")}</dd>
      ) : (
        <dt>{t("setUp.witnesses", { quorum: log.quorum })}</dt>
      )}
      {counted(log).map(({ body, name, key }) => (
        <dd key={key}>
          {t(`setUp.witnessOf.${body}`)} · {name}
          <br />
          <code>{key}</code>
        </dd>
      ))}
    </dl>
  );
}
