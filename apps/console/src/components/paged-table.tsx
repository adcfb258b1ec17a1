import { Button, Table, type TableColumnsType } from "antd";
import { isValidElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Loading } from "./page-states.tsx";
import { useIsNarrow } from "./use-narrow.ts";

interface PagedRead<Item> {
  readonly items: readonly Item[];
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
  refetch(): Promise<unknown>;
}

/** A list with its loading, empty, failed and "more" states; on a narrow screen each row stands as a small sheet. */
export function PagedTable<Item extends object>(props: {
  read: PagedRead<Item>;
  rowKey: (item: Item) => string;
  columns: TableColumnsType<Item>;
  empty: ReactNode;
  label: string;
  onOpen?: (item: Item) => void;
}) {
  const { t } = useTranslation();
  const { read, onOpen } = props;
  const isNarrow = useIsNarrow();
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  if (read.items.length === 0) return props.empty;
  return (
    <>
      {isNarrow ? (
        <Sheets items={read.items} columns={props.columns} rowKey={props.rowKey} label={props.label} />
      ) : (
        <Table<Item>
          aria-label={props.label}
          dataSource={[...read.items]}
          columns={props.columns}
          rowKey={props.rowKey}
          pagination={false}
          scroll={{ x: true }}
          {...(onOpen === undefined
            ? {}
            : { onRow: (item: Item) => ({ onClick: () => onOpen(item), className: "row--open" }) })}
        />
      )}
      {read.hasNextPage ? (
        <div className="more">
          <Button loading={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
            {t("common.more")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** The rows of a table one below the other: the first column leads, the others stand below with their titles. */
function Sheets<Item extends object>(props: {
  items: readonly Item[];
  columns: TableColumnsType<Item>;
  rowKey: (item: Item) => string;
  label: string;
}) {
  return (
    <ul className="sheets" aria-label={props.label}>
      {props.items.map((item, index) => (
        <li key={props.rowKey(item)}>
          {props.columns.map((column, position) => {
            const content = contentOf(column, item, index);
            if (content === null || content === undefined || content === "") return null;
            const title = typeof column.title === "string" && position > 0 ? column.title : "";
            return (
              <div key={String(column.key)} className={position === 0 ? "sheets__lead" : "sheets__line"}>
                {title === "" ? null : <span className="quiet">{title}</span>}
                <span>{content}</span>
              </div>
            );
          })}
        </li>
      ))}
    </ul>
  );
}

function contentOf<Item>(column: TableColumnsType<Item>[number], item: Item, index: number): ReactNode {
  if (!("render" in column)) return null;
  const content = column.render?.(undefined, item, index);
  // Columns of this console render nodes; Ant Design's other form is for merged cells.
  return isValidElement(content) || typeof content === "string" || typeof content === "number"
    ? content
    : null;
}
