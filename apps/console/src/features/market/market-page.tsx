import "./texts/index.ts";
import "../openings/openings.css";
import "./market.css";
import { StateMark } from "@menshen/ui";
import { type ListingItem, marketEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { ConnectionPage } from "./connection-page.tsx";
import { ListingPage } from "./listing-page.tsx";
import { NewListing } from "./new-listing.tsx";

/** Cards that are offered for sale or were seized: the list, one of them, and the city. */
export default function MarketPage() {
  const mayRead = useMay("cases.read");
  if (!mayRead) return <Forbidden />;
  return (
    <Routes>
      <Route path="city" element={<ConnectionPage />} />
      <Route path="new" element={<NewListing />} />
      <Route path=":id" element={<ListingPage />} />
      <Route path="*" element={<Listings />} />
    </Routes>
  );
}

function Listings() {
  const { t: text } = useTranslation("market");
  const navigate = useNavigate();
  const mayHandle = useMay("cases.handle");
  const [removed, setRemoved] = useState(false);
  const list = useQuery({
    queryKey: [marketEndpoints.list.id, removed],
    queryFn: ({ signal }) => call(marketEndpoints.list, { query: { removed }, signal }),
  });
  const items = list.data?.items;
  const add = mayHandle ? (
    <Button type="primary" onClick={() => void navigate("/market/new")}>
      {text("add")}
    </Button>
  ) : undefined;
  return (
    <>
      <PageHead title={text("title")} lead={text("lead")} action={items?.length === 0 ? undefined : add} />
      <p>
        <Radio.Group
          aria-label={text("title")}
          value={removed}
          onChange={(event) => setRemoved(event.target.value)}
          options={[
            { value: false, label: text("shown") },
            { value: true, label: text("removed") },
          ]}
          optionType="button"
        />{" "}
        <Link className="market-city" to="/market/city">
          {text("city")}
        </Link>
      </p>
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {items?.length === 0 ? (
        <Empty title={text(removed ? "noneRemoved" : "none")} action={removed ? undefined : add}>
          {removed ? null : text("noneHelp")}
        </Empty>
      ) : null}
      <ul className="plain-list">
        {items?.map((item) => (
          <ListingLine key={item.id} item={item} />
        ))}
      </ul>
    </>
  );
}

function ListingLine(props: { item: ListingItem }) {
  const { t: text } = useTranslation("market");
  const { item } = props;
  return (
    <li>
      <span className="market-words">
        <Link to={`/market/${item.id}`}>
          <strong>
            {text(`kind.${item.kind}`)} · {item.seenOn}
          </strong>
        </Link>
        <br />
        {item.words ?? text("noWords")}
        <br />
        <span className="quiet">
          {text("numbers", { count: item.numbers })}
          {item.hasPhoto ? ` · ${text("hasPhoto")}` : null} · {text("notedBy", { name: item.notedBy })}
        </span>
      </span>
      {item.credentials === 0 ? null : (
        <StateMark tone="refused">{text("fits", { count: item.credentials })}</StateMark>
      )}
    </li>
  );
}
