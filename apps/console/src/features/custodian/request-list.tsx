import { StateMark } from "@menshen/ui";
import { type CustodianOpeningItem, custodianOpeningEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useNow } from "../../components/moments.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { useTimeLeft } from "../openings/opening-state.tsx";
import { useDesk } from "./desk-context.tsx";
import { useDeskMoment } from "./use-desk-moment.ts";

/** Requests that wait for answers, the most urgent first. */
export function RequestList(props: { index: number }) {
  const { t } = useTranslation("custodian");
  const desk = useDesk();
  const read = useQuery({
    queryKey: ["custodian", "openings"],
    queryFn: ({ signal }) => desk.call(custodianOpeningEndpoints.list, { signal }),
    refetchInterval: 3_000,
  });
  return (
    <section aria-labelledby="requests">
      <h2 id="requests">{t("requests.title")}</h2>
      {read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      ) : read.data.items.length === 0 ? (
        <p className="quiet">{t("requests.none")}</p>
      ) : (
        <ul className="plain-list">
          {read.data.items
            .toSorted((a, b) => a.deadline - b.deadline)
            .map((item) => (
              <Request key={item.id} item={item} index={props.index} />
            ))}
        </ul>
      )}
    </section>
  );
}

/** Where this custodian stands with a request. */
export function answerOf(item: Pick<CustodianOpeningItem, "custodians" | "path">, index: number) {
  const own = item.custodians.find((one) => one.index === index);
  if (own?.refused !== undefined) return "refused";
  if ((own?.answeredCount ?? 0) > 0 && own?.askedAgain !== true) return "yes";
  return item.path === "emergency" && own?.onCall !== true ? "notCalled" : "waiting";
}

function Request(props: { item: CustodianOpeningItem; index: number }) {
  const { t } = useTranslation("custodian");
  const moment = useDeskMoment();
  const timeLeft = useTimeLeft();
  const now = useNow(30_000);
  const { item } = props;
  const answer = answerOf(item, props.index);
  const leftMs = item.deadline - now;
  return (
    <li className={answer === "waiting" ? "desk-request desk-request--waiting" : "desk-request"}>
      <span>
        {item.path === "emergency" ? (
          <>
            <StateMark tone="alarm">{t("requests.emergency")}</StateMark>{" "}
          </>
        ) : null}
        <strong>{leftMs > 0 ? t("requests.left", { time: timeLeft(leftMs) }) : t("requests.over")}</strong>
        <br />
        <span className="quiet">
          {t("requests.deadline")} {moment(item.deadline)} ·{" "}
          {t("requests.entries", { count: item.entryCount })}
        </span>
      </span>
      <span className="actions">
        <StateMark tone={answer === "yes" ? "granted" : answer === "refused" ? "refused" : "quiet"}>
          {t(`requests.yourAnswer.${answer}`)}
        </StateMark>
        <Link to={`/custodian/requests/${item.id}`}>{t("requests.open")}</Link>
      </span>
    </li>
  );
}
