import { StateMark } from "@menshen/ui";
import { CARD_LIST_PAGE, type CardListPreview, type CardListRow } from "@menshen/wire";
import { Button, Segmented, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { PagedTable } from "../../components/paged-table.tsx";

/** Row by row what would be imported, whose it is and what is odd. */
export function ImportRows(props: {
  preview: CardListPreview;
  show: "all" | "odd";
  offset: number;
  onShow: (show: "all" | "odd") => void;
  onOffset: (offset: number) => void;
}) {
  const { t } = useTranslation("cards");
  const { preview, offset } = props;
  const columns: TableColumnsType<CardListRow> = [
    {
      key: "number",
      title: t("import.number"),
      render: (_, row) => (
        <>
          {row.text === "" ? "–" : row.text}{" "}
          <span className="quiet">{t("import.lineOf", { line: row.line })}</span>
        </>
      ),
    },
    {
      key: "holder",
      title: t("import.holder"),
      render: (_, row) =>
        row.personName === undefined ? (
          <span className="quiet">
            {t("import.says", {
              text: [row.saysPerson, row.saysDwelling].filter(Boolean).join(" · ") || "–",
            })}
          </span>
        ) : (
          <>
            {row.personName} · {row.dwellingName}
          </>
        ),
    },
    {
      key: "outcome",
      title: "",
      render: (_, row) => (
        <>
          <StateMark
            tone={row.outcome === "import" ? "granted" : row.outcome === "already" ? "quiet" : "refused"}
          >
            {t(`import.outcome.${row.outcome}`)}
          </StateMark>
          {row.findings.map(({ code, ofLine }) => (
            <div key={code}>{t(`import.finding.${code}`, { line: ofLine ?? 0 })}</div>
          ))}
        </>
      ),
    },
  ];
  const last = Math.min(offset + CARD_LIST_PAGE, preview.total);
  return (
    <section className="section">
      <p className="import-counts" role="status">
        {t("import.counts", preview.counts)}
      </p>
      <div className="filters">
        <Segmented<"all" | "odd">
          value={props.show}
          onChange={props.onShow}
          options={(["all", "odd"] as const).map((value) => ({ value, label: t(`import.show.${value}`) }))}
        />
      </div>
      <PagedTable
        read={{
          items: preview.rows,
          isPending: false,
          isError: false,
          error: undefined,
          refetch: async () => undefined,
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: async () => undefined,
        }}
        label={t("import.title")}
        rowKey={({ line }) => String(line)}
        columns={columns}
        empty={null}
      />
      {preview.total > CARD_LIST_PAGE ? (
        <p className="actions">
          <Button
            disabled={offset === 0}
            onClick={() => props.onOffset(Math.max(0, offset - CARD_LIST_PAGE))}
          >
            {t("import.previous")}
          </Button>
          <span className="import-counts">
            {offset + 1}–{last} / {preview.total}
          </span>
          <Button disabled={last === preview.total} onClick={() => props.onOffset(offset + CARD_LIST_PAGE)}>
            {t("import.next")}
          </Button>
        </p>
      ) : null}
    </section>
  );
}
