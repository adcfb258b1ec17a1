import "../evidence/texts/index.ts";
import { type ChangeItem, changeEndpoints, type ViewItem } from "@menshen/wire";
import { Segmented, type TableColumnsType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { LogStatePage } from "../evidence/log-state.tsx";
import { Statements } from "../evidence/statements.tsx";
import { actionText, fieldsText } from "./change-text.ts";

type Tab = "changes" | "views" | "log" | "statements";

/** Who changed what and why; who looked at residents' data and why. */
export default function ChangesPage() {
  const { t } = useTranslation();
  const { t: log } = useTranslation("evidence");
  const [tab, setTab] = useState<Tab>("changes");
  return (
    <>
      <PageHead title={t("nav.changes")} lead={t("changes.lead")} />
      <div className="filters">
        <Segmented<Tab>
          aria-label={t("nav.changes")}
          value={tab}
          onChange={setTab}
          options={[
            { value: "changes", label: t("changes.changes") },
            { value: "views", label: t("changes.views") },
            { value: "log", label: log("title") },
            { value: "statements", label: log("statements") },
          ]}
        />
      </div>
      {tab === "changes" ? <Changes /> : null}
      {tab === "views" ? <Views /> : null}
      {tab === "log" ? <LogStatePage /> : null}
      {tab === "statements" ? <Statements /> : null}
    </>
  );
}

function Changes() {
  const { t } = useTranslation();
  const changes = usePaged(changeEndpoints.list, { limit: 100 });
  const columns: TableColumnsType<ChangeItem> = [
    { key: "at", title: t("events.at"), render: (_, change) => <ExactMoment epochMs={change.at} /> },
    { key: "who", title: t("changes.who"), render: (_, change) => change.staffName ?? t("changes.server") },
    { key: "what", title: t("changes.what"), render: (_, change) => actionText(t, change.action) },
    {
      key: "why",
      title: t("events.why"),
      render: (_, change) =>
        `${t(`changeReason.${change.reason.code}`)}${change.reason.text === undefined ? "" : `: ${change.reason.text}`}`,
    },
    {
      key: "fields",
      title: t("changes.fields"),
      render: (_, change) => fieldsText(t, change),
    },
  ];
  return (
    <PagedTable
      read={changes}
      label={t("changes.changes")}
      rowKey={(change) => String(change.id)}
      columns={columns}
      empty={<Empty title={t("changes.none")} />}
    />
  );
}

function Views() {
  const { t } = useTranslation();
  const views = usePaged(changeEndpoints.views, { limit: 100 });
  const columns: TableColumnsType<ViewItem> = [
    { key: "at", title: t("events.at"), render: (_, view) => <ExactMoment epochMs={view.at} /> },
    { key: "who", title: t("changes.who"), render: (_, view) => view.staffName },
    {
      key: "as",
      title: t("settings.roles"),
      render: (_, view) => `${t(`view.body.${view.body}`)}${t("common.comma")}${t(`staffRole.${view.role}`)}`,
    },
    { key: "what", title: t("changes.shown"), render: (_, view) => t(`view.what.${view.what}`) },
    {
      key: "why",
      title: t("events.why"),
      render: (_, view) =>
        `${t(`view.reason.${view.reason.code}`)}${view.reason.text === undefined ? "" : `: ${view.reason.text}`}`,
    },
    {
      key: "leaf",
      title: t("changes.leaf"),
      align: "right",
      render: (_, view) => view.leafIndex ?? t("changes.waiting"),
    },
  ];
  return (
    <PagedTable
      read={views}
      label={t("changes.views")}
      rowKey={(view) => view.id}
      columns={columns}
      empty={<Empty title={t("changes.noViews")} />}
    />
  );
}
