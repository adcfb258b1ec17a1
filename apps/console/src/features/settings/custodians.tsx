import { type BodyOf, type ChangeReason, custodyEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonForm } from "../../components/reason-form.tsx";
import { useBodyName } from "../openings/opening-state.tsx";

const BODIES = ["committee", "property", "city"] as const;
/** Two of three open together. */
const THRESHOLD = 2;
const KEY = /^[0-9a-f]{64}$/;

/** Who holds shares, and the appointment of all three by the keys that their programs show. */
export function Custodians() {
  const { t } = useTranslation("openings");
  const bodyName = useBodyName();
  const [isAppointing, setIsAppointing] = useState(false);
  const status = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  if (status.isPending) return <Loading />;
  if (status.isError) return <Failed error={status.error} onRetry={() => void status.refetch()} />;
  const { custodians, epochsLeft, waiting } = status.data;
  return (
    <section className="section" aria-labelledby="custodians">
      <h2 id="custodians">{t("appoint.title")}</h2>
      {custodians === undefined ? (
        <p>{t("appoint.none")}</p>
      ) : (
        <p>{t("appoint.left", { count: epochsLeft })}</p>
      )}
      <ul className="plain-list">
        {(custodians?.members ?? []).map(({ body, identityKey }) => (
          <li key={body}>
            <strong>{bodyName(body)}</strong>
            <code className="appointed-key">{identityKey}</code>
          </li>
        ))}
      </ul>
      {waiting === undefined ? null : <p role="status">{t("appoint.waiting")}</p>}
      <p>
        {t("appoint.desk")} <Link to="/custodian">/custodian</Link>
      </p>
      {isAppointing ? (
        <Appointment onDone={() => setIsAppointing(false)} />
      ) : (
        <Button onClick={() => setIsAppointing(true)}>{t("appoint.begin")}</Button>
      )}
    </section>
  );
}

function Appointment(props: { onDone: () => void }) {
  const { t } = useTranslation("openings");
  const bodyName = useBodyName();
  const id = useId();
  const [keys, setKeys] = useState<Readonly<Record<string, string>>>({});
  const appoint = useChange(
    (input: { body: BodyOf<typeof custodyEndpoints.appoint>; reason: ChangeReason }) =>
      call(custodyEndpoints.appoint, input),
    { onDone: props.onDone },
  );
  const members = BODIES.map((body) => ({
    body,
    identityKey: (keys[body] ?? "").replaceAll(/\s/g, "").toLowerCase(),
  }));
  const isComplete =
    members.every(({ identityKey }) => KEY.test(identityKey)) &&
    new Set(members.map(({ identityKey }) => identityKey)).size === members.length;
  return (
    <div className="intake">
      <p>{t("appoint.help")}</p>
      {BODIES.map((body) => (
        <div key={body} className="form-field">
          <label htmlFor={`${id}-${body}`}>{t("appoint.keyOf", { body: bodyName(body) })}</label>
          <Input
            id={`${id}-${body}`}
            maxLength={100}
            value={keys[body] ?? ""}
            onChange={(event) => setKeys({ ...keys, [body]: event.target.value })}
          />
        </div>
      ))}
      {isComplete ? (
        <ReasonForm
          confirm={t("appoint.confirm")}
          isPending={appoint.isPending}
          onConfirm={(reason) => appoint.mutate({ body: { threshold: THRESHOLD, members }, reason })}
          onCancel={props.onDone}
        />
      ) : (
        <p className="quiet">{t("appoint.incomplete")}</p>
      )}
    </div>
  );
}
