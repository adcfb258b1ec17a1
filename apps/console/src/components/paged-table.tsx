import { Button, Table, type TableColumnsType } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Failed, Loading } from "./page-states.tsx";

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

/** A list with its loading, empty, failed and "more" states; on a narrow screen it scrolls sideways on its own. */
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
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  if (read.items.length === 0) return props.empty;
  return (
    <>
      <Table<Item>
        aria-label={props.label}
        dataSource={[...read.items]}
        columns={props.columns}
        rowKey={props.rowKey}
        pagination={false}
        scroll={{ x: "max-content" }}
        {...(onOpen === undefined
          ? {}
          : { onRow: (item: Item) => ({ onClick: () => onOpen(item), className: "row--open" }) })}
      />
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
