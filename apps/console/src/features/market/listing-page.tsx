import { StateMark } from "@menshen/ui";
import { fillPath, type ListedNumber, type ListingDetail, marketEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useChange, useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { cityText } from "./city-words.ts";
import { isPhoto, sendPhoto } from "./photo.ts";
import { useCity } from "./use-city.ts";

const RENEW_MS = 10_000;

/** One listing: what was seen, and what it fits. */
export function ListingPage() {
  const { t: text } = useTranslation("market");
  const { id = "" } = useParams();
  const mayHandle = useMay("cases.handle");
  const read = useQuery({
    queryKey: [marketEndpoints.get.id, id],
    queryFn: ({ signal }) => call(marketEndpoints.get, { params: { id }, signal }),
    refetchInterval: RENEW_MS,
  });
  const back = (
    <p>
      <Link to="/market">{text("back")}</Link>
    </p>
  );
  if (read.isPending) return <Loading />;
  if (read.isError) {
    return (
      <>
        {back}
        <PageHead title={text("title")} />
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      </>
    );
  }
  const listing = read.data;
  return (
    <>
      {back}
      <PageHead
        title={`${text(`kind.${listing.kind}`)} · ${listing.seenOn}`}
        action={mayHandle ? <RemoveOrRestore listing={listing} /> : undefined}
      />
      {listing.removedAt === undefined ? null : <p role="status">{text("removedNow")}</p>}
      <p className="quiet">
        <ExactMoment epochMs={listing.notedAt} /> · {text("notedBy", { name: listing.notedBy })}
      </p>
      {listing.url === undefined ? null : <p className="market-text">{listing.url}</p>}
      {listing.text === undefined ? null : <p className="market-text">{listing.text}</p>}
      <Facts listing={listing} />
      <Photo listing={listing} mayHandle={mayHandle && listing.removedAt === undefined} />
      <section className="section" aria-labelledby="matches">
        <h2 id="matches">{text("matches")}</h2>
        {listing.numbers.length === 0 ? <p className="quiet">{text("noNumbers")}</p> : null}
        <ul className="plain-list">
          {listing.numbers.map((number) => (
            <NumberLine key={number.id} number={number} />
          ))}
        </ul>
      </section>
      <section className="section" aria-labelledby="same-batch">
        <h2 id="same-batch">{text("cases")}</h2>
        {listing.cases.length === 0 ? <p className="quiet">{text("noCases")}</p> : null}
        <ul className="plain-list">
          {listing.cases.map(({ id: caseId, openedAt, chip, batchPrefix }) => (
            <li key={caseId}>
              <span>
                <Link to={`/cases/${caseId}`}>
                  {text("caseAt", { chip: text(`chipOf.${chip}`), prefix: batchPrefix })}
                </Link>
                <br />
                <span className="quiet">
                  <ExactMoment epochMs={openedAt} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Facts(props: { listing: ListingDetail }) {
  const { t: text } = useTranslation("market");
  const issuers = useCity().data?.issuers ?? [];
  const { issuer, keyVersion } = props.listing;
  const words = [
    ...(issuer === undefined
      ? []
      : [`${text("issuer")}: ${issuers.find(({ code }) => code === issuer)?.name ?? issuer}`]),
    ...(keyVersion === undefined ? [] : [`${text("keyVersion")}: ${keyVersion}`]),
  ];
  return words.length === 0 ? null : <p>{words.join(" · ")}</p>;
}

function RemoveOrRestore(props: { listing: ListingDetail }) {
  const { t: text } = useTranslation("market");
  const { id, kind, seenOn, removedAt } = props.listing;
  const remove = useRemoval(marketEndpoints);
  const restore = useChange(() => call(marketEndpoints.restore, { params: { id } }));
  return removedAt === undefined ? (
    <Button
      loading={remove.isPending}
      onClick={() => remove.mutate({ id, name: `${text(`kind.${kind}`)} ${seenOn}` })}
    >
      {text("remove")}
    </Button>
  ) : (
    <Button type="primary" loading={restore.isPending} onClick={() => restore.mutate(undefined)}>
      {text("restore")}
    </Button>
  );
}

function Photo(props: { listing: ListingDetail; mayHandle: boolean }) {
  const { t: text } = useTranslation("market");
  const inputId = useId();
  const { id, photo } = props.listing;
  const send = useChange((file: File) => sendPhoto(id, file));
  const address = fillPath(marketEndpoints.photo.path, { id });
  return (
    <div className="form-field">
      {photo === undefined ? null : (
        <img className="market-photo" src={`${address}?v=${photo}`} alt={text("photoOf")} />
      )}
      {props.mayHandle ? (
        <>
          <label htmlFor={inputId}>{text(photo === undefined ? "addPhoto" : "newPhoto")}</label>
          <input
            id={inputId}
            type="file"
            accept="image/jpeg,image/png"
            disabled={send.isPending}
            onChange={({ target }) => {
              const file = target.files?.[0];
              if (file !== undefined && isPhoto(file)) send.mutate(file);
              target.value = "";
            }}
          />
          <p className="quiet">{text("photoHelp")}</p>
        </>
      ) : null}
    </div>
  );
}

function NumberLine(props: { number: ListedNumber }) {
  const { t: text } = useTranslation("market");
  const { number, chip, batchPrefix, credential, city } = props.number;
  const atCity = cityText(text, city);
  return (
    <li>
      <span>
        <span className="market-number">{number.replace(/..(?=.)/g, "$& ").toUpperCase()}</span>
        <br />
        <span className="quiet">
          {text(`chipOf.${chip}`)}
          {batchPrefix === undefined ? null : ` · ${text("batch", { prefix: batchPrefix })}`}
          {atCity === undefined ? null : ` · ${atCity}`}
        </span>
      </span>
      {credential === undefined ? (
        <span className="quiet">{text("notHere")}</span>
      ) : (
        <span>
          <StateMark tone="refused">{text("here", { label: credential.label })}</StateMark>{" "}
          <Link to={`/credentials?credential=${credential.id}`}>{text("open")}</Link>
        </span>
      )}
    </li>
  );
}
