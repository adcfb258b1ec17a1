import "./texts/index.ts";
import "./market.css";
import { CITY_CHIPS, type CopiedCard, copiedCardEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { type CardFacts, CardFields, knownFacts } from "./card-fields.tsx";
import { readNumber } from "./card-numbers.ts";
import { cityText } from "./city-words.ts";
import { useCity } from "./use-city.ts";

const RENEW_MS = 10_000;

/** The card of a case that was closed as a copy: what it is, and what the city made of it. */
export function CopiedCardSection(props: { caseId: string; kind: string; mayHandle: boolean }) {
  const { t: text } = useTranslation("market");
  const [isWriting, setIsWriting] = useState(false);
  const params = { id: props.caseId };
  const read = useQuery({
    queryKey: [copiedCardEndpoints.get.id, props.caseId],
    queryFn: ({ signal }) => call(copiedCardEndpoints.get, { params, signal }),
    refetchInterval: RENEW_MS,
  });
  const card = read.data?.card;
  const take = useChange(() => call(copiedCardEndpoints.remove, { params }));
  if (read.data === undefined || (card === undefined && !props.mayHandle)) return null;
  const form = <CardForm {...props} onDone={() => setIsWriting(false)} />;
  return (
    <section className="section" aria-labelledby="copied-card">
      <h2 id="copied-card">{text("card.title")}</h2>
      {card === undefined ? (
        <>
          <p className="quiet">{text("card.lead")}</p>
          {form}
        </>
      ) : (
        <>
          <CardWords card={card} />
          {props.mayHandle && !isWriting ? (
            <span className="actions">
              <Button onClick={() => setIsWriting(true)}>{text("card.change")}</Button>
              <Button loading={take.isPending} onClick={() => take.mutate(undefined)}>
                {text("card.remove")}
              </Button>
            </span>
          ) : null}
          {isWriting ? form : null}
        </>
      )}
    </section>
  );
}

function CardWords(props: { card: CopiedCard }) {
  const { t: text } = useTranslation("market");
  const city = useCity();
  const { chip, batchPrefix, issuer, keyVersion, hasNumber, week } = props.card;
  const name = city.data?.issuers.find(({ code }) => code === issuer)?.name ?? issuer;
  const atCity = cityText(text, props.card.city);
  const words = [
    text(`chipOf.${chip}`),
    ...(batchPrefix === undefined ? [] : [text("batch", { prefix: batchPrefix })]),
    ...(name === undefined ? [] : [`${text("issuer")}: ${name}`]),
    ...(keyVersion === undefined ? [] : [`${text("keyVersion")}: ${keyVersion}`]),
    text("card.week", { week }),
  ];
  return (
    <p>
      {atCity === undefined ? null : (
        <>
          <strong>{atCity}</strong>
          <br />
        </>
      )}
      {words.join(" · ")}
      <br />
      <span className="quiet">
        {city.data?.isConnected === false
          ? text("card.noCity")
          : text(hasNumber ? "card.whole" : "card.notWhole")}
      </span>
    </p>
  );
}

function CardForm(props: { caseId: string; kind: string; onDone: () => void }) {
  const { t: text } = useTranslation("market");
  const id = useId();
  const [facts, setFacts] = useState<CardFacts>(() => ({
    chip: CITY_CHIPS.find((one) => one === props.kind) ?? "uid",
  }));
  const [typed, setTyped] = useState("");
  const [isSent, setIsSent] = useState(false);
  const number = readNumber(typed);
  const fault =
    typed.trim() !== "" && number === undefined
      ? text("card.badNumber")
      : number === undefined && facts.issuer === undefined
        ? text("card.needSomething")
        : undefined;
  const save = useChange(
    () =>
      call(copiedCardEndpoints.put, {
        params: { id: props.caseId },
        body: { ...knownFacts(facts), ...(number === undefined ? {} : { number }) },
      }),
    { onDone: props.onDone },
  );
  return (
    <form
      className="market-form"
      onSubmit={(event) => {
        event.preventDefault();
        setIsSent(true);
        if (fault === undefined) save.mutate(undefined);
      }}
    >
      <div className="form-field">
        <label htmlFor={`${id}-number`}>{text("card.number")}</label>
        <Input
          id={`${id}-number`}
          className="market-number"
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby={`${id}-help`}
        />
        <p className="quiet" id={`${id}-help`}>
          {text("card.numberHelp")}
        </p>
      </div>
      <CardFields facts={facts} onChange={setFacts} />
      <p role="alert">{isSent ? fault : ""}</p>
      <span className="actions">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {text("card.save")}
        </Button>
      </span>
    </form>
  );
}
