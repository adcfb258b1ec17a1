import "./texts/index.ts";
import "../openings/openings.css";
import { PENALTY_TEXTS } from "@menshen/domain";
import { StateMark } from "@menshen/ui";
import {
  APPEAL_STATES,
  type AppealState,
  PENALTY_PARTIES,
  type Penalty,
  type PenaltyInput,
  type PenaltyParty,
  penaltyEndpoints,
} from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import { fenOf, yuanOf } from "./fine.ts";

function useOwn(): "zh-CN" | "en" {
  return usePreferences().language === "en" ? "en" : "zh-CN";
}

/** Why a text was not published, in words: which part tells of a person, or that there is no such day. */
function usePersonalText(): (error: unknown) => string | undefined {
  const { t: text } = useTranslation("penalties");
  const names: Readonly<Record<string, string>> = {
    "body/authority": text("authority"),
    "body/documentNumber": text("documentNumber"),
    "body/ground": text("ground"),
    "body/why": text("why"),
  };
  return (error) => {
    if (!(error instanceof ApiError) || error.code !== "invalid-request") return undefined;
    const paths = error.problem?.fields?.map(({ path }) => path) ?? [];
    if (paths.includes("body/decidedOn")) return text("badDay");
    const fields = [...new Set(paths.flatMap((path) => names[path] ?? []))];
    return fields.length === 0 ? undefined : text("personal", { fields: fields.join(" · ") });
  };
}

/** Penalties against those who run the community, as everybody reads them. */
export default function PenaltiesPage() {
  const { t: text } = useTranslation("penalties");
  const mayPublish = useMay("penalties.publish");
  const [isAdding, setIsAdding] = useState(false);
  const list = useQuery({
    queryKey: [penaltyEndpoints.list.id],
    queryFn: ({ signal }) => call(penaltyEndpoints.list, { signal }),
  });
  return (
    <>
      <PageHead
        title={text("title")}
        lead={text("lead")}
        action={
          mayPublish && !isAdding ? (
            <Button type="primary" onClick={() => setIsAdding(true)}>
              {text("add")}
            </Button>
          ) : undefined
        }
      />
      {isAdding ? <PenaltyForm onDone={() => setIsAdding(false)} /> : null}
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data?.items.length === 0 ? <p>{text("none")}</p> : null}
      {list.data?.items.map((penalty) => (
        <OnePenalty key={penalty.id} penalty={penalty} />
      ))}
    </>
  );
}

function OnePenalty(props: { penalty: Penalty }) {
  const { t: text } = useTranslation("penalties");
  const own = useOwn();
  const mayPublish = useMay("penalties.publish");
  const id = useId();
  const [isRemoving, setIsRemoving] = useState(false);
  const { penalty } = props;
  const { party, authority, documentNumber, decidedOn, ground, amountFen, removed } = penalty;
  const params = { id: penalty.id };
  const setAppeal = useChange((appeal: AppealState) =>
    call(penaltyEndpoints.appeal, { params, body: { appeal } }),
  );
  const label = `${PENALTY_TEXTS.party[party][own]} · ${documentNumber}`;
  return (
    <section className="section" aria-label={label}>
      <h2>{label}</h2>
      {removed === undefined ? null : <StateMark tone="refused">{text("removed")}</StateMark>}
      <dl className="fact-list">
        <Fact name={text("ground")}>{ground}</Fact>
        <Fact name={text("amount")}>
          {amountFen === 0 ? text("noFine") : text("yuan", { amount: yuanOf(amountFen) })}
        </Fact>
        <Fact name={text("authority")}>{authority}</Fact>
        <Fact name={text("decidedOn")}>{decidedOn}</Fact>
        <Fact name={text("appeal")}>
          {mayPublish && removed === undefined ? (
            <Select
              aria-label={text("appeal")}
              value={penalty.appeal}
              loading={setAppeal.isPending}
              onChange={(appeal) => setAppeal.mutate(appeal)}
              options={APPEAL_STATES.map((value) => ({ value, label: PENALTY_TEXTS.appeal[value][own] }))}
            />
          ) : (
            PENALTY_TEXTS.appeal[penalty.appeal][own]
          )}
        </Fact>
        <Fact name={text("publishedAt")}>
          <ExactMoment epochMs={penalty.publishedAt} /> <LogEntry index={penalty.leafIndex} />
        </Fact>
        {removed === undefined ? null : (
          <Fact name={text("removed")}>
            {removed.why} <ExactMoment epochMs={removed.at} /> <LogEntry index={removed.leafIndex} />
          </Fact>
        )}
      </dl>
      {mayPublish && removed === undefined ? (
        isRemoving ? (
          <RemovalForm id={id} penaltyId={penalty.id} onDone={() => setIsRemoving(false)} />
        ) : (
          <Button onClick={() => setIsRemoving(true)}>{text("remove")}</Button>
        )
      ) : null}
    </section>
  );
}

function LogEntry(props: { index: number | undefined }) {
  const { t: text } = useTranslation("penalties");
  if (props.index === undefined) return <span className="quiet">{text("waiting")}</span>;
  return <a href={`/public/#leaf=${props.index}`}>{text("entry", { index: props.index })}</a>;
}

function RemovalForm(props: { id: string; penaltyId: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("penalties");
  const refusedText = usePersonalText();
  const [why, setWhy] = useState("");
  const remove = useChange(
    (said: string) => call(penaltyEndpoints.remove, { params: { id: props.penaltyId }, body: { why: said } }),
    { onDone: props.onDone, refusedText },
  );
  const refused = remove.error === null ? undefined : refusedText(remove.error);
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (why.trim() !== "") remove.mutate(why.trim());
      }}
    >
      <div className="form-field">
        <label htmlFor={`${props.id}-why`}>{text("why")}</label>
        <Input
          id={`${props.id}-why`}
          maxLength={500}
          value={why}
          aria-describedby={`${props.id}-why-help`}
          onChange={(event) => setWhy(event.target.value)}
        />
        <p className="quiet" id={`${props.id}-why-help`}>
          {text("whyHelp")}
        </p>
      </div>
      {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
      <span className="actions">
        <Button htmlType="submit" disabled={why.trim() === ""} loading={remove.isPending}>
          {text("removeNow")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}

function Fact(props: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function PenaltyForm(props: { onDone: () => void }) {
  const { t } = useTranslation();
  const { t: text } = useTranslation("penalties");
  const own = useOwn();
  const id = useId();
  const refusedText = usePersonalText();
  const [party, setParty] = useState<PenaltyParty>();
  const [form, setForm] = useState({
    authority: "",
    documentNumber: "",
    decidedOn: "",
    ground: "",
    amount: "",
  });
  const put = (name: keyof typeof form, value: string) => setForm((before) => ({ ...before, [name]: value }));
  const publish = useChange((body: PenaltyInput) => call(penaltyEndpoints.publish, { body }), {
    onDone: props.onDone,
    refusedText,
  });
  const refused = publish.error === null ? undefined : refusedText(publish.error);
  const amountFen = fenOf(form.amount);
  const said = { authority: form.authority.trim(), documentNumber: form.documentNumber.trim() };
  const ground = form.ground.replaceAll(/\s+/g, " ").trim();
  const body =
    party === undefined ||
    amountFen === undefined ||
    form.decidedOn === "" ||
    [said.authority, said.documentNumber, ground].includes("")
      ? undefined
      : { party, ...said, decidedOn: form.decidedOn, ground, amountFen };
  const line = (name: "authority" | "documentNumber" | "decidedOn" | "amount", type = "text") => (
    <div className="form-field">
      <label htmlFor={`${id}-${name}`}>{text(name)}</label>
      <Input
        id={`${id}-${name}`}
        type={type}
        maxLength={80}
        value={form[name]}
        {...(name === "amount" ? { "aria-describedby": `${id}-amount-help`, inputMode: "decimal" } : {})}
        onChange={(event) => put(name, event.target.value)}
      />
      {name === "amount" ? (
        <p className="quiet" id={`${id}-amount-help`}>
          {text("amountHelp")}
        </p>
      ) : null}
    </div>
  );
  return (
    <form
      className="intake"
      onSubmit={(event) => {
        event.preventDefault();
        if (body !== undefined) publish.mutate(body);
      }}
    >
      <div className="form-field">
        <label htmlFor={`${id}-party`}>{text("party")}</label>
        <Select
          id={`${id}-party`}
          value={party ?? null}
          onChange={setParty}
          options={PENALTY_PARTIES.map((value) => ({ value, label: PENALTY_TEXTS.party[value][own] }))}
        />
      </div>
      <div className="intake__pair">
        {line("authority")}
        {line("documentNumber")}
      </div>
      <div className="intake__pair">
        {line("decidedOn", "date")}
        {line("amount")}
      </div>
      <div className="form-field">
        <label htmlFor={`${id}-ground`}>{text("ground")}</label>
        <Input.TextArea
          id={`${id}-ground`}
          rows={3}
          maxLength={500}
          value={form.ground}
          onChange={(event) => put("ground", event.target.value)}
        />
      </div>
      {refused === undefined ? null : <Alert type="warning" showIcon title={refused} />}
      <span className="actions">
        <Button type="primary" htmlType="submit" disabled={body === undefined} loading={publish.isPending}>
          {text("publish")}
        </Button>
        <Button onClick={props.onDone}>{t("common.cancel")}</Button>
      </span>
    </form>
  );
}
