import "./texts/index.ts";
import "./deletions.css";
import { StateMark } from "@menshen/ui";
import { type Deletion, deletionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { DayText, ExactMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading, OtherDuty } from "../../components/page-states.tsx";
import { DeletionProgress } from "./deletion-progress.tsx";

const ASK_AGAIN_MS = 15_000;
const MOST_NAMED = 3;

/** Deletions of residents, and who has not let go yet. Names nobody: there is nobody left to name. */
export default function DeletionsPage() {
  const mayRead = useMay("homes.read");
  const { duty } = useSignedIn();
  if (!mayRead) return duty === "operate" ? <Forbidden /> : <OtherDuty duty="operate" />;
  return (
    <Routes>
      <Route path=":id" element={<OneDeletion />} />
      <Route path="*" element={<DeletionList />} />
    </Routes>
  );
}

function DeletionList() {
  const { t } = useTranslation("deletion");
  const [isPast, setPast] = useState(false);
  const list = useQuery({
    queryKey: [deletionEndpoints.list.id],
    refetchInterval: ASK_AGAIN_MS,
    queryFn: ({ signal }) => call(deletionEndpoints.list, { signal }),
  });
  const all = list.data?.items ?? [];
  const shown = all.filter(({ closedAt }) => (closedAt !== undefined) === isPast);
  return (
    <>
      <PageHead title={t("list.title")} lead={t("list.lead")} />
      <Segmented
        aria-label={t("list.title")}
        value={isPast ? "closed" : "open"}
        onChange={(value) => setPast(value === "closed")}
        options={[
          { value: "open", label: t("list.open", { count: all.filter(isOpen).length }) },
          { value: "closed", label: t("list.closed") },
        ]}
      />
      {list.isPending ? <Loading /> : null}
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.data !== undefined && shown.length === 0 ? (
        <Empty title={t(isPast ? "list.noneClosed" : "list.noneOpen")}>{t("list.noneHelp")}</Empty>
      ) : null}
      <ul className="plain-list deletions">
        {shown.map((deletion) => (
          <Line key={deletion.id} deletion={deletion} />
        ))}
      </ul>
    </>
  );
}

const isOpen = ({ closedAt }: Deletion) => closedAt === undefined;

function Line(props: { deletion: Deletion }) {
  const { t } = useTranslation("deletion");
  const { id, ground, begunAt, closedAt, gates, stores } = props.deletion;
  const waiting = [
    ...gates.filter(({ state }) => state === "awaiting").map(({ name }) => name),
    ...stores.filter(({ at }) => at === undefined).map(({ store }) => t(`progress.store.${store}`)),
  ];
  const named = waiting.slice(0, MOST_NAMED).join(t("list.separator"));
  const rest = waiting.length - MOST_NAMED;
  return (
    <li>
      <Link className="deletions__lead" to={`/deletions/${id}`}>
        {t(`ground.${ground}`)}
        <span className="quiet"> · {t("number", { number: id.slice(0, 8) })}</span>
      </Link>
      <span className="deletions__when quiet">
        {t("begun")} <ExactMoment epochMs={begunAt} />
      </span>
      <span className="deletions__state">
        {closedAt === undefined ? (
          <StateMark tone="refused">
            {t("list.waiting", { names: rest > 0 ? t("list.more", { names: named, count: rest }) : named })}
          </StateMark>
        ) : (
          <StateMark tone="granted">
            {t("list.done")} <ExactMoment epochMs={closedAt} />
          </StateMark>
        )}
      </span>
    </li>
  );
}

function OneDeletion() {
  const { t } = useTranslation("deletion");
  const { id = "" } = useParams();
  return (
    <>
      <p>
        <Link to="/deletions">{t("list.back")}</Link>
      </p>
      <PageHead title={t("one.title", { number: id.slice(0, 8) })} lead={t("one.lead")} />
      <DeletionProgress id={id} facts={(deletion) => <Facts deletion={deletion} />} />
    </>
  );
}

function Facts(props: { deletion: Deletion }) {
  const { t } = useTranslation("deletion");
  const { ground, begunAt, sealedUntil, recordsUntil } = props.deletion;
  return (
    <dl className="facts deletion-facts">
      <dt>{t("one.ground")}</dt>
      <dd>{t(`ground.${ground}`)}</dd>
      <dt>{t("begun")}</dt>
      <dd>
        <ExactMoment epochMs={begunAt} />
      </dd>
      <dt>{t("one.sealed")}</dt>
      <dd>
        <DayText epochMs={sealedUntil} />
      </dd>
      <dt>{t("one.records")}</dt>
      <dd>
        <DayText epochMs={recordsUntil} />
      </dd>
    </dl>
  );
}
