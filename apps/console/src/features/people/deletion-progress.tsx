import "../deletion-texts/index.ts";
import { deletionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ExactMoment } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";

const ASK_AGAIN_MS = 5_000;

/** Which gates have let go of somebody who was deleted, and which are still away. Names nobody. */
export function DeletionProgress(props: { id: string }) {
  const { t } = useTranslation("deletion");
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
  const answered = deletion.gates.filter(({ state }) => state !== "awaiting").length;
  return (
    <section aria-labelledby="deletion-progress">
      <h2 id="deletion-progress">{t("progress.title")}</h2>
      <p role="status">
        {deletion.closedAt === undefined
          ? t("progress.going", { answered, all: deletion.gates.length })
          : t("progress.closed")}
      </p>
      <ul className="plain-list">
        {deletion.gates.map(({ gateId, name, state, at }) => (
          <li key={gateId}>
            <span>{name}</span>
            <span>
              {t(`progress.state.${state}`)} {at === undefined ? null : <ExactMoment epochMs={at} />}
            </span>
          </li>
        ))}
      </ul>
      <span className="actions">
        <Button
          href={`data:application/json;charset=utf-8,${encodeURIComponent(receipt)}`}
          download="menshen-deletion.json"
        >
          {t("progress.save")}
        </Button>
        <Button loading={slip.isPending} onClick={() => slip.mutate(undefined)}>
          {t("progress.slip")}
        </Button>
      </span>
      {code === undefined ? null : (
        <p>
          <code>{code}</code> <span className="quiet">{t("progress.slipHelp")}</span>
        </p>
      )}
    </section>
  );
}
