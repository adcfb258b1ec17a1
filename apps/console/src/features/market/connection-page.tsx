import { type CityConnection, cityConnectionEndpoints } from "@menshen/wire";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment, RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { useCity } from "./use-city.ts";

const CODE = /^[A-Za-z0-9_-]{43}$/;

/** Whether this community tells the city of copies, and how that goes. */
export function ConnectionPage() {
  const { t: text } = useTranslation("market");
  const maySet = useMay("cases.settings");
  const city = useCity();
  return (
    <>
      <p>
        <Link to="/market">{text("back")}</Link>
      </p>
      <PageHead title={text("connection.title")} lead={text("connection.lead")} />
      {city.isPending ? <Loading /> : null}
      {city.isError ? <Failed error={city.error} onRetry={() => void city.refetch()} /> : null}
      {city.data?.isConnected === true ? <Connected connection={city.data} maySet={maySet} /> : null}
      {city.data?.isConnected === false ? <NotConnected maySet={maySet} /> : null}
      {maySet ? null : <p className="quiet">{text("connection.onlySecurity")}</p>}
    </>
  );
}

function Connected(props: { connection: CityConnection; maySet: boolean }) {
  const { t: text } = useTranslation("market");
  const { name = "", url, enrolledAt, heardAt, trouble, waiting, issuers } = props.connection;
  const disconnect = useChange(() => call(cityConnectionEndpoints.disconnect, {}), {
    doneText: text("connection.disconnected"),
  });
  return (
    <>
      <p>
        <strong>{text("connection.connected", { name })}</strong>
        <br />
        <span className="market-text">{url}</span>
      </p>
      {trouble === undefined ? null : <p role="alert">{text(`connection.trouble.${trouble}`)}</p>}
      <p>
        {enrolledAt === undefined ? null : (
          <>
            {text("connection.since")} <ExactMoment epochMs={enrolledAt} />
            <br />
          </>
        )}
        {text("connection.heard")}{" "}
        {heardAt === undefined ? text("connection.never") : <RelativeMoment epochMs={heardAt} />}
        {waiting === 0 ? null : (
          <>
            <br />
            {text("connection.waiting", { count: waiting })}
          </>
        )}
      </p>
      <h2>{text("connection.issuers")}</h2>
      <p>
        {issuers.length === 0 ? text("connection.noIssuers") : issuers.map((one) => one.name).join(" · ")}
      </p>
      {props.maySet ? (
        <Button loading={disconnect.isPending} onClick={() => disconnect.mutate(undefined)}>
          {text("connection.disconnect")}
        </Button>
      ) : null}
    </>
  );
}

function NotConnected(props: { maySet: boolean }) {
  const { t: text } = useTranslation("market");
  const id = useId();
  const [url, setUrl] = useState("");
  const [code, setCode] = useState("");
  const [isBad, setIsBad] = useState(false);
  const connect = useChange(
    (body: { url: string; code: string }) => call(cityConnectionEndpoints.connect, { body }),
    {
      refusedText: (error) =>
        error instanceof ApiError && error.code === "code-invalid"
          ? text("connection.refused")
          : error instanceof ApiError && error.code === "unavailable"
            ? text("connection.unavailable")
            : undefined,
    },
  );
  return (
    <>
      <p>
        <strong>{text("connection.none")}</strong>
      </p>
      <p>{text("connection.noneHelp")}</p>
      {props.maySet ? (
        <form
          className="market-form"
          onSubmit={(event) => {
            event.preventDefault();
            const body = { url: url.trim(), code: code.trim() };
            const isGood = /^https?:\/\/[^/?#\s@]+\/?$/.test(body.url) && CODE.test(body.code);
            setIsBad(!isGood);
            if (isGood) connect.mutate(body);
          }}
        >
          <div className="form-field">
            <label htmlFor={`${id}-url`}>{text("connection.url")}</label>
            <Input
              id={`${id}-url`}
              inputMode="url"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </div>
          <div className="form-field">
            <label htmlFor={`${id}-code`}>{text("connection.code")}</label>
            <Input
              id={`${id}-code`}
              autoComplete="off"
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </div>
          <p role="alert">{isBad ? text("connection.bad") : ""}</p>
          <span className="actions">
            <Button type="primary" htmlType="submit" loading={connect.isPending}>
              {text("connection.connect")}
            </Button>
          </span>
        </form>
      ) : null}
    </>
  );
}
