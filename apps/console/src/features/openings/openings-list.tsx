import { StateMark } from "@menshen/ui";
import { type Opening, openingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Button, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { ExactMoment, useNow } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { useDoorNames } from "./door-names.ts";
import { useMomentText } from "./moment-text.ts";
import { OpeningMark, standingOf, useDocumentName, useTimeLeft } from "./opening-state.tsx";

/** What still needs somebody, soonest first; then what is over, latest first. */
export function byUrgency(openings: readonly Opening[]): Opening[] {
  const due = (one: Opening): number | undefined => {
    if (one.review !== undefined && one.review.doneAt === undefined && one.state !== "requested") {
      return one.review.dueAt;
    }
    const standing = standingOf(one);
    return standing === "logging" || standing === "waiting" || standing === "ready"
      ? one.deadline
      : undefined;
  };
  return openings.toSorted((a, b) => {
    const [dueA, dueB] = [due(a), due(b)];
    if (dueA !== undefined && dueB !== undefined) return dueA - dueB;
    if (dueA === undefined && dueB === undefined) return b.requestedAt - a.requestedAt;
    return dueA === undefined ? 1 : -1;
  });
}

export function OpeningsList() {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const mayWrite = useMay("openings.write");
  const navigate = useNavigate();
  const moment = useMomentText();
  const doors = useDoorNames();
  const documentName = useDocumentName();
  const read = useQuery({
    queryKey: [openingEndpoints.list.id],
    queryFn: ({ signal }) => call(openingEndpoints.list, { signal }),
    refetchInterval: 15_000,
  });
  const doorText = (opening: Opening) =>
    opening.accessPointIds.map((id) => doors.nameOf(id) ?? t("doorGone")).join(shared("common.comma"));

  const columns: TableColumnsType<Opening> = [
    {
      key: "who",
      title: t("who"),
      render: (_, opening) => (
        <Link to={`/openings/${opening.id}`}>
          {opening.authority} {documentName(opening)}
        </Link>
      ),
    },
    {
      key: "state",
      title: t("state"),
      render: (_, opening) => (
        <span className="due">
          <OpeningMark opening={opening} />
          {opening.holdUntil === undefined ? null : (
            <span className="quiet">{t("heldUntil", { time: moment(opening.holdUntil) })}</span>
          )}
        </span>
      ),
    },
    { key: "deadline", title: t("deadline"), render: (_, opening) => <Due opening={opening} /> },
    {
      key: "path",
      title: t("path"),
      render: (_, opening) =>
        opening.path === "emergency" ? (
          <StateMark tone="alarm">{t("emergency")}</StateMark>
        ) : (
          <span>{t("ordinary")}</span>
        ),
    },
    { key: "doors", title: t("doors"), render: (_, opening) => doorText(opening) },
    {
      key: "custodians",
      title: t("custodians"),
      align: "right",
      render: (_, { custodians }) =>
        `${custodians.filter((one) => one.answeredCount > 0).length} / ${custodians.length}`,
    },
  ];
  return (
    <>
      <PageHead
        title={t("title")}
        lead={t("lead")}
        action={
          <span className="actions">
            <Button onClick={() => void navigate("/openings/report")}>{t("report")}</Button>
            {mayWrite ? (
              <Button type="primary" onClick={() => void navigate("/openings/new")}>
                {t("new")}
              </Button>
            ) : null}
          </span>
        }
      />
      <PagedTable
        read={{
          ...read,
          items: byUrgency(read.data?.items ?? []),
          hasNextPage: false,
          isFetchingNextPage: false,
          fetchNextPage: () => read.refetch(),
        }}
        label={t("title")}
        rowKey={(opening) => opening.id}
        columns={columns}
        empty={<Empty title={t("none")}>{t("noneHelp")}</Empty>}
      />
    </>
  );
}

function Due(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const now = useNow(30_000);
  const timeLeft = useTimeLeft();
  const { opening } = props;
  const { review } = opening;
  return (
    <span className="due">
      <ExactMoment epochMs={opening.deadline} />
      {opening.state === "requested" ? (
        <span className="quiet">
          {opening.deadline > now ? t("remaining", { time: timeLeft(opening.deadline - now) }) : t("over")}
        </span>
      ) : null}
      {review === undefined || review.doneAt !== undefined ? null : review.overdue ? (
        <StateMark tone="alarm">{t("reviewOverdue")}</StateMark>
      ) : (
        <StateMark tone="refused">{t("reviewDue", { time: timeLeft(review.dueAt - now) })}</StateMark>
      )}
    </span>
  );
}
