import { custodyEndpoints, type Opening, openingEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Loading } from "../../components/page-states.tsx";
import { useDoorNames } from "./door-names.ts";
import { EmergencyReview } from "./emergency-review.tsx";
import { HandOver } from "./hand-over.tsx";
import { useMomentText } from "./moment-text.ts";
import { OpeningProgress } from "./opening-progress.tsx";
import { OpeningMark, useDocumentName } from "./opening-state.tsx";
import { SealExtension } from "./seal-extension.tsx";
import { Supplement } from "./supplement.tsx";

/** One request: what it asks for, how far it is, and what the desk has to do about it. */
export function OpeningPage() {
  const { id = "" } = useParams();
  const read = useQuery({
    queryKey: [openingEndpoints.get.id, id],
    queryFn: ({ signal }) => call(openingEndpoints.get, { params: { id }, signal }),
    refetchInterval: 3_000,
  });
  if (read.isPending) return <Loading />;
  if (read.isError) return <Failed error={read.error} onRetry={() => void read.refetch()} />;
  return <OpeningSheet opening={read.data} />;
}

function OpeningSheet(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const mayWrite = useMay("openings.write");
  const documentName = useDocumentName();
  const { opening } = props;
  const custody = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
  });
  return (
    <>
      <Link to="/openings" className="back-link">
        ← {t("back")}
      </Link>
      <PageHead
        title={`${opening.authority} ${documentName(opening)}`}
        action={<OpeningMark opening={opening} />}
      />
      <div className="opening-sheet">
        <div>
          <OpeningProgress opening={opening} threshold={custody.data?.custodians?.threshold ?? 2} />
          {hasPackage(opening) ? <HandOver opening={opening} /> : null}
          {mayWrite ? <Supplement opening={opening} /> : null}
          {opening.review === undefined ? null : (
            <EmergencyReview opening={opening} review={opening.review} />
          )}
        </div>
        <div>
          <Facts opening={opening} />
          {mayWrite && opening.disclosedAt === undefined ? <SealExtension opening={opening} /> : null}
        </div>
      </div>
    </>
  );
}

/** Nothing is handed over of what is held, and nothing of a request that came to nothing. */
function hasPackage({ holdUntil, state }: Opening): boolean {
  return holdUntil === undefined && state !== "refused" && state !== "expired";
}

function Facts(props: { opening: Opening }) {
  const { t } = useTranslation("openings");
  const { t: shared } = useTranslation();
  const doors = useDoorNames();
  const moment = useMomentText();
  const { opening } = props;
  const facts: readonly (readonly [string, string])[] = [
    [t("path"), t(opening.path)],
    [
      t("doors"),
      opening.accessPointIds.map((id) => doors.nameOf(id) ?? t("doorGone")).join(shared("common.comma")),
    ],
    [t("detail.window"), `${moment(opening.from)} – ${moment(opening.until)}`],
    [t("detail.purpose"), t(`purposeOf.${opening.purpose}`)],
    [t("detail.entries"), t("detail.entryCount", { count: opening.entryCount })],
    [t("detail.requestedAt"), moment(opening.requestedAt)],
    [t("deadline"), moment(opening.deadline)],
    [t("detail.sealUntil"), moment(opening.sealUntil)],
    ...(opening.holdUntil === undefined
      ? []
      : [[t("detail.held"), t("heldUntil", { time: moment(opening.holdUntil) })] as const]),
    ...(opening.heldBy === undefined ? [] : [[t("form.heldBy"), opening.heldBy] as const]),
  ];
  return (
    <section aria-labelledby="opening-facts">
      <h2 id="opening-facts">{t("detail.facts")}</h2>
      <dl className="fact-list">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
