import { StateMark } from "@menshen/ui";
import { type CardList, type ChangeReason, cardListEndpoints } from "@menshen/wire";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange, useRefresh } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";

/** Imports with how far each is. This page takes their steps; one that was left goes on where it stood. */
export function ImportsSoFar() {
  const { t } = useTranslation("cards");
  const lists = useQuery({
    queryKey: [cardListEndpoints.list.id],
    queryFn: ({ signal }) => call(cardListEndpoints.list, { signal }),
  });
  if (lists.data === undefined) return null;
  return (
    <section className="section" aria-labelledby="imports">
      <h2 id="imports">{t("import.earlier")}</h2>
      {lists.data.items.length === 0 ? <p className="quiet">{t("import.none")}</p> : null}
      <ul className="plain-list">
        {lists.data.items.map((list) => (
          <OneImport key={list.id} list={list} />
        ))}
      </ul>
    </section>
  );
}

function OneImport(props: { list: CardList }) {
  const { t } = useTranslation("cards");
  const mayWrite = useMay("credentials.write");
  const { list } = props;
  const step = useSteps(list, mayWrite);
  const undo = useChange(
    (reason: ChangeReason) => call(cardListEndpoints.undo, { params: { id: list.id }, reason }),
    { doneText: t("import.undone") },
  );
  const done = list.enrolled + list.already;
  return (
    <li>
      <span>
        <StateMark tone={list.state === "done" ? "granted" : list.state === "undone" ? "quiet" : "offline"}>
          {t(`import.state.${list.state}`)}
        </StateMark>{" "}
        {t("import.enrolled", { count: list.enrolled })}
        {list.already === 0 ? "" : ` · ${t("import.alreadyThere", { count: list.already })}`}
        <br />
        <span className="quiet">
          <ExactMoment epochMs={list.createdAt} /> · {t("import.by", { name: list.staffName })}
        </span>
        {list.state === "importing" ? (
          <Progress
            percent={list.total === 0 ? 100 : Math.floor((100 * done) / list.total)}
            format={() => t("import.progress", { done, total: list.total })}
            aria-label={t("import.progress", { done, total: list.total })}
          />
        ) : null}
      </span>
      {mayWrite ? (
        <span className="actions">
          {step.hasStopped ? <Button onClick={step.again}>{t("import.proceed")}</Button> : null}
          {list.state === "undone" ? null : (
            <ReasonButton
              label={t("import.undo")}
              isPending={undo.isPending}
              onConfirm={(reason) => undo.mutate(reason)}
            />
          )}
        </span>
      ) : null}
    </li>
  );
}

/** Takes steps until none are left; one that fails stops, and can be taken again. */
function useSteps(list: CardList, mayWrite: boolean) {
  const client = useQueryClient();
  const refresh = useRefresh();
  const [hasStopped, setHasStopped] = useState(false);
  const isOpen = list.state === "importing" || (list.state === "undone" && list.toEnd > 0);
  const { id, enrolled, already, toEnd } = list;
  const place = `${enrolled} ${already} ${toEnd}`;
  useEffect(() => {
    if (!isOpen || !mayWrite || hasStopped || place === "") return;
    let isGone = false;
    call(cardListEndpoints.proceed, { params: { id } }).then(
      (next) => {
        if (isGone) return;
        client.setQueryData([cardListEndpoints.list.id], (before: { items: CardList[] } | undefined) =>
          before === undefined
            ? before
            : { items: before.items.map((item) => (item.id === next.id ? next : item)) },
        );
        if (next.state !== "importing" && next.toEnd === 0) void refresh();
      },
      () => {
        if (!isGone) setHasStopped(true);
      },
    );
    return () => {
      isGone = true;
    };
  }, [client, hasStopped, id, isOpen, mayWrite, place, refresh]);
  return { hasStopped: hasStopped && isOpen, again: () => setHasStopped(false) };
}
