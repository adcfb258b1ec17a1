import { type BodyOf, type ChangeReason, type CustodianSetView, custodyEndpoints } from "@menshen/wire";
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
      {waiting === undefined || custodians === undefined ? null : (
        <Waiting present={custodians} waiting={waiting} />
      )}
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

/** A set that takes the place of the present one as soon as enough of those have signed. */
function Waiting(props: { present: CustodianSetView; waiting: CustodianSetView }) {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const bodyName = useBodyName();
  const { present, waiting } = props;
  const signed = present.members.filter(({ index }) => waiting.endorsedBy.includes(index));
  const isNew = (key: string) => !present.members.some(({ identityKey }) => identityKey === key);
  return (
    <div role="status">
      <h3>{t("appoint.waiting")}</h3>
      <p>
        {t("appoint.signed", {
          names: signed.map(({ body }) => bodyName(body)).join(shared("common.comma")) || t("appoint.nobody"),
          count: Math.max(0, present.threshold - signed.length),
        })}
      </p>
      <ul className="plain-list">
        {waiting.members
          .filter(({ identityKey }) => isNew(identityKey))
          .map(({ body, identityKey }) => (
            <li key={body}>
              <span>
                <strong>{bodyName(body)}</strong> {t("appoint.new")}
              </span>
              <code className="appointed-key">{identityKey}</code>
            </li>
          ))}
      </ul>
    </div>
  );
}

function Appointment(props: { onDone: () => void }) {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
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
  const faultOf = (body: string, key: string): "noKey" | "sameKey" | undefined => {
    if (key === "") return undefined;
    if (!KEY.test(key)) return "noKey";
    return members.some((one) => one.body !== body && one.identityKey === key) ? "sameKey" : undefined;
  };
  const isComplete = members.every(
    ({ body, identityKey }) => identityKey !== "" && faultOf(body, identityKey) === undefined,
  );
  return (
    <div className="intake">
      <p>{t("appoint.help")}</p>
      {members.map(({ body, identityKey }) => {
        const fault = faultOf(body, identityKey);
        return (
          <div key={body} className="form-field">
            <label htmlFor={`${id}-${body}`}>{t("appoint.keyOf", { body: bodyName(body) })}</label>
            <Input
              id={`${id}-${body}`}
              maxLength={100}
              aria-invalid={fault !== undefined}
              aria-describedby={`${id}-${body}-fault`}
              value={keys[body] ?? ""}
              onChange={(event) => setKeys({ ...keys, [body]: event.target.value })}
            />
            <p id={`${id}-${body}-fault`} className="document-field__fault">
              {fault === undefined ? "" : t(`appoint.${fault}`)}
            </p>
          </div>
        );
      })}
      {isComplete ? (
        <ReasonForm
          confirm={t("appoint.confirm")}
          isPending={appoint.isPending}
          onConfirm={(reason) => appoint.mutate({ body: { threshold: THRESHOLD, members }, reason })}
          onCancel={props.onDone}
        />
      ) : (
        <>
          <p className="quiet">{t("appoint.incomplete")}</p>
          <span className="actions">
            <Button onClick={props.onDone}>{shared("common.cancel")}</Button>
          </span>
        </>
      )}
    </div>
  );
}
