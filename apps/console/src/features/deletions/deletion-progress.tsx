import "./texts/index.ts";
import "./deletions.css";
import { StateMark } from "@menshen/ui";
import { type Deletion, deletionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

const ASK_AGAIN_MS = 5_000;

/**
 * Which gates have let go of somebody who was deleted, which are still away, and what each store of the server says. Names
 * nobody.
 *
 * @param props.facts what stands before it on a page of its own
 */
export function DeletionProgress(props: { id: string; facts?: (deletion: Deletion) => ReactNode }) {
  const { t } = useTranslation("deletion");
  const mayWrite = useMay("homes.write");
  const params = { id: props.id };
  const [code, setCode] = useState<string>();
  const progress = useQuery({
    queryKey: [deletionEndpoints.get.id, props.id],
    queryFn: ({ signal }) => call(deletionEndpoints.get, { params, signal }),
    refetchInterval: ASK_AGAIN_MS,
  });
  const slip = useChange(
    () => call(deletionEndpoints.slip, { params, reason: { code: "resident-request" } }),
    { onDone: (made) => setCode(made.code) },
  );
  if (progress.isPending) return <Loading />;
  if (progress.isError) return <Failed error={progress.error} onRetry={() => void progress.refetch()} />;
  const { deletion, receipt } = progress.data;
  const { closedAt, gates, stores } = deletion;
  const answered = gates.filter(({ state }) => state !== "awaiting").length;
  return (
    <section aria-labelledby="deletion-progress">
      <h2 id="deletion-progress">{t("progress.title")}</h2>
      <p role="status">
        {closedAt === undefined ? (
          <StateMark tone="refused">{t("progress.going", { answered, all: gates.length })}</StateMark>
        ) : (
          <StateMark tone="granted">
            {t("progress.closed")} <ExactMoment epochMs={closedAt} />
          </StateMark>
        )}
      </p>
      {props.facts?.(deletion)}
      <h3>{t("progress.gates")}</h3>
      <ul className="plain-list deletion-parts">
        {gates.map(({ gateId, name, state, isOnline, at }) => (
          <li key={gateId}>
            <span>{name}</span>
            {state === "answered" ? (
              <Done words={t("progress.state.answered")} at={at} />
            ) : state === "released" ? (
              <StateMark tone="quiet">{t("progress.state.released")}</StateMark>
            ) : (
              <StateMark tone={isOnline ? "refused" : "offline"}>
                {t(isOnline ? "progress.state.asked" : "progress.state.awaiting")}
              </StateMark>
            )}
          </li>
        ))}
      </ul>
      {gates.length === 0 ? <p className="quiet">{t("progress.noGates")}</p> : null}
      <h3>{t("progress.stores")}</h3>
      <ul className="plain-list deletion-parts">
        {stores.map(({ store, at }) => (
          <li key={store}>
            <span>{t(`progress.store.${store}`)}</span>
            {at === undefined ? (
              <StateMark tone="refused">{t("progress.notYet")}</StateMark>
            ) : (
              <Done words={t("progress.empty")} at={at} />
            )}
          </li>
        ))}
      </ul>
      <p className="quiet">{t("progress.backups")}</p>
      <span className="actions">
        <Button
          href={`data:application/json;charset=utf-8,${encodeURIComponent(receipt)}`}
          download="menshen-deletion.json"
        >
          {t("progress.save")}
        </Button>
        {mayWrite ? (
          <Button loading={slip.isPending} onClick={() => slip.mutate(undefined)}>
            {t("progress.slip")}
          </Button>
        ) : null}
      </span>
      {code === undefined ? null : (
        <div className="deletion-code" role="status">
          <code>{(code.match(/.{1,4}/g) ?? []).join(" ")}</code>
          <p className="quiet">{t("progress.slipHelp")}</p>
        </div>
      )}
    </section>
  );
}

function Done(props: { words: string; at: number | undefined }) {
  return (
    <span className="deletion-done">
      <StateMark tone="granted">{props.words}</StateMark>
      {props.at === undefined ? null : (
        <span className="quiet">
          <ExactMoment epochMs={props.at} />
        </span>
      )}
    </span>
  );
}
