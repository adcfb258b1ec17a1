import { custodianRefusalText } from "@menshen/custody";
import type { CustodianOpening } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError } from "../../api/client.ts";
import { useNow } from "../../components/moments.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import { judge, readRequest } from "./answer-request.ts";
import { useContents, useDesk } from "./desk-context.tsx";
import { LogFaultNotice } from "./log-fault-notice.tsx";
import { RequestAnswer } from "./request-answer.tsx";
import { Answers, Checklist, RequestFacts } from "./request-facts.tsx";
import { useStanding } from "./use-standing.ts";

/** One request: what it says in plain words, what the program checked, and the custodian's yes or no. */
export function RequestPage() {
  const { t } = useTranslation("custodian");
  const { id = "" } = useParams();
  const desk = useDesk();
  const standing = useStanding();
  const read = useQuery({
    queryKey: ["custodian", "opening", id],
    queryFn: ({ signal }) => readRequest(desk, id, signal),
    refetchInterval: 10_000,
    gcTime: 0,
  });
  const { index, set } = standing.data ?? {};
  if (read.isPending || standing.isPending) return <Loading />;
  if (read.isError) {
    const isGone = read.error instanceof ApiError && read.error.code === "not-found";
    return isGone ? (
      <Empty title={t("requests.gone")} action={<Link to="/custodian">{t("requests.back")}</Link>} />
    ) : (
      <Failed error={read.error} onRetry={() => void read.refetch()} />
    );
  }
  return (
    <>
      <Link to="/custodian" className="back-link">
        ← {t("requests.back")}
      </Link>
      {index === undefined || set === undefined ? null : (
        <Request opening={read.data} index={index} threshold={set.threshold} />
      )}
    </>
  );
}

function Request(props: { opening: CustodianOpening; index: number; threshold: number }) {
  const { t } = useTranslation("custodian");
  const { language } = usePreferences();
  const contents = useContents();
  const now = useNow(15_000);
  const { opening, index, threshold } = props;
  const checked = useMemo(() => judge(contents, opening, index, now), [contents, opening, index, now]);
  const refusal = checked.accepted ? undefined : checked.refusal;
  return (
    <article className="desk__columns">
      <div>
        <RequestFacts opening={opening} />
        {refusal === undefined ? null : (
          <Alert
            type="warning"
            showIcon
            title={t("requests.cannot")}
            description={custodianRefusalText(refusal, language)}
          />
        )}
        <LogFaultNotice />
        <RequestAnswer opening={opening} index={index} threshold={threshold} mayAnswer={checked.accepted} />
      </div>
      <div>
        <Checklist refusal={refusal} />
        <Answers opening={opening} />
      </div>
    </article>
  );
}
