import "./texts/index.ts";
import { type Credential, cardKeyEndpoints } from "@menshen/wire";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Button, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useViewKey } from "../../api/view-reason.ts";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, NotFound } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ResidentsData } from "../../components/residents-data.tsx";
import { allOf } from "./use-card-keys.ts";

/** Who is still to come to a desk, for a list beside the reader. */
export function WaitingCards() {
  const { t } = useTranslation("cardKeys");
  return (
    <ResidentsData title={t("list.title")} lead={t("list.lead")}>
      <Waiting />
    </ResidentsData>
  );
}

function Waiting() {
  const { t } = useTranslation("cardKeys");
  const cards = useQuery({
    queryKey: [cardKeyEndpoints.waiting.id, useViewKey()],
    queryFn: ({ signal }) => call(cardKeyEndpoints.waiting, { signal }),
  });
  return <CardList title={t("list.title")} cards={cards} />;
}

/** Cards with a key of one door group: those that a stolen gate of it exposes. */
export function GroupCards() {
  const { t } = useTranslation("cardKeys");
  const group = Number(useParams().doorGroup);
  if (!Number.isInteger(group) || group < 1 || group > 13) return <NotFound />;
  return (
    <ResidentsData title={t("list.groupTitle", { group })} lead={t("list.lead")}>
      <OfGroup group={group} />
    </ResidentsData>
  );
}

function OfGroup({ group }: { group: number }) {
  const { t } = useTranslation("cardKeys");
  const cards = useQuery({
    queryKey: [cardKeyEndpoints.groupCards.id, group, useViewKey()],
    queryFn: ({ signal }) => call(cardKeyEndpoints.groupCards, { params: { doorGroup: group }, signal }),
  });
  return <CardList title={t("list.groupTitle", { group })} cards={cards} />;
}

function CardList(props: { title: string; cards: UseQueryResult<{ items: Credential[] }> }) {
  const { t } = useTranslation("cardKeys");
  const { t: text } = useTranslation();
  const { cards } = props;
  const columns: TableColumnsType<Credential> = [
    {
      key: "card",
      title: t("list.card"),
      render: (_, { kind, label }) => (
        <>
          {text(`credentialKind.${kind}`)} …{label}
        </>
      ),
    },
    {
      key: "holder",
      title: t("list.holder"),
      render: (_, { personId, personName, dwellingName }) => (
        <Link to={`/people?person=${personId}`}>
          {personName}
          {dwellingName === undefined ? "" : ` · ${dwellingName}`}
        </Link>
      ),
    },
  ];
  return (
    <>
      <PageHead
        title={props.title}
        lead={t("list.lead")}
        action={<Button onClick={() => globalThis.print()}>{t("list.print")}</Button>}
      />
      <p>
        <Link to="/credentials/keys">{t("toKeys")}</Link>
      </p>
      <PagedTable
        read={{
          ...allOf(cards.data?.items ?? []),
          isPending: cards.isPending,
          isError: cards.isError,
          error: cards.error,
          refetch: cards.refetch,
        }}
        label={props.title}
        rowKey={({ id }) => id}
        columns={columns}
        empty={<Empty title={t("list.none")}>{t("list.noneHelp")}</Empty>}
      />
    </>
  );
}
