import "./texts/index.ts";
import "../settings/texts/index.ts";
import "../openings/texts/index.ts";
import { StateMark } from "@menshen/ui";
import {
  type ChangeReason,
  WITNESS_BODIES,
  type WitnessBody,
  type WitnessCreate,
  type WitnessList,
  type WitnessSettings,
  type WitnessView,
  witnessEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Input, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { ReasonButton, ReasonForm } from "../../components/reason-form.tsx";
import { useBodyName } from "../openings/opening-state.tsx";

const REFRESH_MS = 15_000;

/** Who witnesses the evidence log: how each is, who is added and removed, and how many bodies must sign. */
export function Witnesses() {
  const { t: log } = useTranslation("evidence");
  const [isAdding, setIsAdding] = useState(false);
  const [isChanging, setIsChanging] = useState(false);
  const list = useQuery({
    queryKey: [witnessEndpoints.list.id],
    queryFn: ({ signal }) => call(witnessEndpoints.list, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} onRetry={() => void list.refetch()} />;
  const { items, settings } = list.data;
  return (
    <section className="section" aria-labelledby="log-witnesses">
      <h2 id="log-witnesses">{log("witnesses")}</h2>
      <p className="quiet">
        {items.length === 0 ? log("noWitness") : log("quorum", { count: settings.quorum })}
        <br />
        {settings.residentsCount ? log("manage.residentsCount") : log("manage.residentsExtra")}
      </p>
      <ul className="plain-list">
        {items.map((witness) => (
          <WitnessRow key={witness.id} witness={witness} />
        ))}
      </ul>
      {list.data.waiting === undefined ? null : <WaitingPolicy waiting={list.data.waiting} />}
      {isAdding ? (
        <AddWitness list={list.data} onDone={() => setIsAdding(false)} />
      ) : isChanging ? (
        <ChangeQuorum settings={settings} onDone={() => setIsChanging(false)} />
      ) : (
        <span className="actions">
          <Button onClick={() => setIsAdding(true)}>{log("manage.add")}</Button>
          {items.length === 0 ? null : (
            <Button onClick={() => setIsChanging(true)}>{log("manage.change")}</Button>
          )}
        </span>
      )}
    </section>
  );
}

/** A change that custodians have still to sign, and who of them. */
function WaitingPolicy(props: { waiting: NonNullable<WitnessList["waiting"]> }) {
  const { t } = useTranslation("retention");
  const { t: shared } = useTranslation();
  const bodyName = useBodyName();
  const { proposedAt, threshold, endorsedBy, missing, inForce } = props.waiting;
  const names = (bodies: readonly string[]) => bodies.map(bodyName).join(shared("common.comma"));
  return (
    <div role="status">
      <h3>{t("waiting.title")}</h3>
      <p>
        {t("waiting.since")} <RelativeMoment epochMs={proposedAt} />
        {shared("common.semicolon")}
        {endorsedBy.length === 0 ? null : t("waiting.signed", { names: names(endorsedBy) })}{" "}
        {t("waiting.missing", { names: names(missing) })}
      </p>
      <p className="quiet">
        {t("waiting.help", { threshold })} {t(inForce ? "waiting.inForce" : "waiting.notInForce")}
      </p>
    </div>
  );
}

function WitnessRow(props: { witness: WitnessView }) {
  const { t } = useTranslation();
  const { t: log } = useTranslation("evidence");
  const { id, body, name, extra, cosignedAt, trouble } = props.witness;
  const remove = useChange(
    (reason: ChangeReason) => call(witnessEndpoints.remove, { params: { id }, reason }),
    { refusedText: (error) => (isConflict(error) ? log("manage.needed") : undefined) },
  );
  const isGrave = trouble === "log-behind-witness" || trouble === "log-forked";
  return (
    <li>
      <span>
        <strong>{log(`body.${body}`)}</strong>
        {extra ? ` · ${log("manage.extra")}` : null}
        <br />
        <span className="quiet">{name}</span>
        <br />
        {trouble === undefined ? null : (
          <StateMark tone={isGrave ? "alarm" : "refused"}>{log(`trouble.${trouble}`)}</StateMark>
        )}{" "}
        {cosignedAt === undefined ? (
          trouble === undefined ? (
            log("neverCosigned")
          ) : null
        ) : (
          <StateMark tone={trouble === undefined ? "granted" : "quiet"}>
            {log("cosigned")} <RelativeMoment epochMs={cosignedAt} />
          </StateMark>
        )}
      </span>
      <ReasonButton label={t("common.remove")} isPending={remove.isPending} onConfirm={remove.mutate} />
    </li>
  );
}

function AddWitness(props: { list: WitnessList; onDone: () => void }) {
  const { t: log } = useTranslation("evidence");
  const formId = useId();
  const [body, setBody] = useState<WitnessBody>("city");
  const [url, setUrl] = useState("");
  const [key, setKey] = useState("");
  const add = useChange(
    ({ reason, ...witness }: WitnessCreate & { reason: ChangeReason }) =>
      call(witnessEndpoints.add, { body: witness, reason }),
    {
      onDone: props.onDone,
      refusedText: (error) => {
        const trouble = error instanceof ApiError ? error.problem?.fields?.[0]?.message : undefined;
        if (trouble !== undefined && isTold(trouble)) return log(`manage.refused.${trouble}`);
        return isConflict(error) ? log("manage.known") : undefined;
      },
    },
  );
  return (
    <div className="intake">
      <p>{log("manage.howTo")}</p>
      <p>
        <code className="appointed-key">{props.list.logKey}</code>
      </p>
      <div className="form-field">
        <label htmlFor={`${formId}-body`}>{log("manage.body")}</label>
        <Select<WitnessBody>
          id={`${formId}-body`}
          value={body}
          onChange={setBody}
          options={WITNESS_BODIES.map((value) => ({ value, label: log(`body.${value}`) }))}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${formId}-url`}>{log("manage.url")}</label>
        <Input
          id={`${formId}-url`}
          value={url}
          maxLength={500}
          placeholder="https://"
          onChange={(event) => setUrl(event.target.value)}
        />
      </div>
      <div className="form-field">
        <label htmlFor={`${formId}-key`}>{log("manage.key")}</label>
        <Input
          id={`${formId}-key`}
          value={key}
          maxLength={300}
          onChange={(event) => setKey(event.target.value)}
        />
      </div>
      {add.isPending ? <Alert type="info" showIcon title={log("manage.asking")} /> : null}
      <ReasonForm
        confirm={log("manage.add")}
        isPending={add.isPending}
        onCancel={props.onDone}
        onConfirm={(reason) => add.mutate({ body, url: url.trim(), key: key.trim(), reason })}
      />
    </div>
  );
}

function ChangeQuorum(props: { settings: WitnessSettings; onDone: () => void }) {
  const { t: log } = useTranslation("evidence");
  const formId = useId();
  const [quorum, setQuorum] = useState(props.settings.quorum);
  const [residentsCount, setResidentsCount] = useState(props.settings.residentsCount);
  const change = useChange(
    (reason: ChangeReason) =>
      call(witnessEndpoints.settings, {
        body: { quorum, residentsCount, revision: props.settings.revision },
        reason,
      }),
    {
      onDone: props.onDone,
      refusedText: (error) => (isConflict(error) ? log("manage.tooMany") : undefined),
    },
  );
  return (
    <div className="intake">
      <p>{log("manage.quorumHelp")}</p>
      <div className="form-field">
        <label htmlFor={`${formId}-quorum`}>{log("manage.quorum")}</label>
        <InputNumber
          id={`${formId}-quorum`}
          min={0}
          max={3}
          precision={0}
          value={quorum}
          onChange={(value) => setQuorum(value ?? 0)}
        />
      </div>
      <p>
        <Checkbox checked={residentsCount} onChange={(event) => setResidentsCount(event.target.checked)}>
          {log("manage.countResidents")}
        </Checkbox>
      </p>
      <ReasonForm
        confirm={log("manage.save")}
        isPending={change.isPending}
        onCancel={props.onDone}
        onConfirm={change.mutate}
      />
    </div>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === "conflict";
}

const TOLD = [
  "log-behind-witness",
  "log-forked",
  "witness-lost-state",
  "witness-refuses",
  "witness-silent",
] as const;

function isTold(text: string): text is (typeof TOLD)[number] {
  return TOLD.some((one) => one === text);
}
