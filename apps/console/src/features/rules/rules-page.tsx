import { type Rule, ruleEndpoints } from "@menshen/wire";
import { Button, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { usePaged } from "../../api/paged.ts";
import { useRemoval } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { RuleDrawer } from "./rule-drawer.tsx";
import { usePlaces } from "./use-places.ts";

/** Who may pass where, when and by which means; each rule reads as one sentence. */
export default function RulesPage() {
  const { t } = useTranslation();
  const mayWrite = useMay("rules.write");
  const [search, setSearch] = useSearchParams();
  const rules = usePaged(ruleEndpoints.list, { limit: 200 });
  const places = usePlaces();
  const remove = useRemoval(ruleEndpoints);
  const openId = search.get("rule") ?? undefined;

  const whoText = (rule: Rule) => {
    const { roles, personIds, dwellingIds, buildingIds } = rule.who;
    // Within a condition any will do, all conditions must hold: they are set apart.
    return [
      (roles ?? []).map((role) => t(`role.${role}`)).join(t("common.comma")),
      (buildingIds ?? []).map((id) => places.buildingName(id)).join(t("common.comma")),
      dwellingIds === undefined ? "" : t("rule.dwellingCount", { count: dwellingIds.length }),
      personIds === undefined ? "" : t("rule.personCount", { count: personIds.length }),
    ]
      .filter((condition) => condition !== "")
      .join(" · ");
  };
  const whereText = (rule: Rule) => {
    const areas = (rule.where.areaIds ?? []).map((id) => places.areaName(id)).join(t("common.comma"));
    return [
      ...(areas === "" ? [] : [t("rule.intoArea", { name: areas })]),
      ...(rule.where.accessPointIds ?? []).map((id) => places.accessPointName(id)),
    ].join(t("common.comma"));
  };

  const columns: TableColumnsType<Rule> = [
    {
      key: "name",
      title: t("common.name"),
      render: (_, rule) => (
        <button type="button" className="link-button" onClick={() => setSearch({ rule: rule.id })}>
          {rule.name}
        </button>
      ),
    },
    { key: "who", title: t("rule.who"), render: (_, rule) => whoText(rule) },
    { key: "where", title: t("rule.where"), render: (_, rule) => whereText(rule) },
    { key: "when", title: t("rule.when"), render: (_, rule) => rule.scheduleName ?? t("common.always") },
    {
      key: "means",
      title: t("rule.means"),
      render: (_, rule) =>
        `${rule.means === undefined ? t("rule.everyMeans") : rule.means.map((kind) => t(`credentialKind.${kind}`)).join(t("common.comma"))} · ${t("grade.atLeast", { grade: rule.minimumGrade })}`,
    },
    {
      key: "actions",
      title: "",
      align: "right",
      render: (_, rule) =>
        mayWrite ? (
          <Button type="text" onClick={() => remove.mutate({ id: rule.id, name: rule.name })}>
            {t("common.remove")}
          </Button>
        ) : null,
    },
  ];

  return (
    <>
      <PageHead
        title={t("nav.rules")}
        lead={t("rule.lead")}
        action={
          mayWrite ? (
            <Button type="primary" onClick={() => setSearch({ rule: "new" })}>
              {t("rule.new")}
            </Button>
          ) : null
        }
      />
      <PagedTable
        read={rules}
        label={t("nav.rules")}
        rowKey={(rule) => rule.id}
        columns={columns}
        empty={<Empty title={t("rule.none")}>{t("rule.noneHelp")}</Empty>}
      />
      <RuleDrawer
        key={openId ?? "closed"}
        isOpen={openId !== undefined && (openId === "new" || rules.isSuccess)}
        rule={rules.items.find((rule) => rule.id === openId)}
        onClose={() => setSearch({})}
      />
    </>
  );
}
