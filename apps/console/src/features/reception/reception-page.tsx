import "./texts/index.ts";
import "./reception.css";
import { formatClock, StateMark } from "@menshen/ui";
import { type ExpectedVisit, receptionEndpoints, shiftEndpoints, type Visit } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { RelativeMoment, useMomentFormat } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Failed, Forbidden, Loading } from "../../components/page-states.tsx";
import { CheckIn } from "./check-in.tsx";

/** Others check in, too, and time goes on. */
const EVERY_MS = 30_000;

/** Visitors of the day: who is expected, who is inside, who left. Where to and what for; nobody's name. */
export default function ReceptionPage() {
  const { t } = useTranslation("reception");
  const mayKeep = useMay("reception.keep");
  if (!mayKeep) return <Forbidden />;
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <Today />
    </>
  );
}

function Today() {
  const { t } = useTranslation("reception");
  const [isWalkIn, setIsWalkIn] = useState(false);
  const [arriving, setArriving] = useState<ExpectedVisit>();
  const today = useQuery({
    queryKey: [receptionEndpoints.today.id],
    refetchInterval: EVERY_MS,
    // Without a shift nothing is read; asking again does not help.
    retry: (times, error) => times < 2 && !(error instanceof ApiError && error.problem !== undefined),
    queryFn: ({ signal }) => call(receptionEndpoints.today, { signal }),
  });
  if (today.isPending) return <Loading />;
  if (today.isError) {
    if (today.error instanceof ApiError && today.error.code === "conflict") return <ShiftFirst />;
    return <Failed error={today.error} onRetry={() => void today.refetch()} />;
  }
  const { expected, inside, left } = today.data;
  const coming = expected.filter(({ visitId }) => visitId === undefined);
  const late = inside.filter(({ overstay }) => overstay).length;
  return (
    <div className="reception">
      <div className="reception__in">
        {arriving !== undefined ? (
          <CheckIn key={arriving.passId} expected={arriving} onClose={() => setArriving(undefined)} />
        ) : isWalkIn ? (
          <CheckIn onClose={() => setIsWalkIn(false)} />
        ) : (
          <Button type="primary" size="large" onClick={() => setIsWalkIn(true)}>
            {t("walkIn")}
          </Button>
        )}
      </div>
      <section aria-labelledby="reception-inside">
        <h2 id="reception-inside">
          {t("inside", { count: inside.reduce((sum, { persons }) => sum + persons, 0) })}
        </h2>
        {late === 0 ? null : (
          <p>
            <StateMark tone="refused">{t("late", { count: late })}</StateMark>
          </p>
        )}
        {inside.length === 0 ? <p className="quiet">{t("nobodyInside")}</p> : null}
        <ul className="plain-list">
          {inside.map((visit) => (
            <InsideVisit key={visit.id} visit={visit} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="reception-expected">
        <h2 id="reception-expected">{t("expected", { count: coming.length })}</h2>
        <p className="quiet">{t("expectedHelp")}</p>
        {coming.length === 0 ? <p className="quiet">{t("nobodyExpected")}</p> : null}
        <ul className="plain-list">
          {coming.map((visit) => (
            <li key={visit.passId}>
              <span className="reception__visit">
                <strong>{visit.dwellingName}</strong>
                <span>{t(`purpose.${visit.purpose}`)}</span>
                <span className="quiet">
                  <Span visit={visit} />
                </span>
              </span>
              <Button
                aria-label={`${t("checkIn")}: ${visit.dwellingName}`}
                onClick={() => {
                  setIsWalkIn(false);
                  setArriving(visit);
                }}
              >
                {t("checkIn")}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="reception-left">
        <h2 id="reception-left">{t("left", { count: left.length })}</h2>
        {left.length === 0 ? <p className="quiet">{t("nobodyLeft")}</p> : null}
        <ul className="plain-list">
          {left.map((visit) => (
            <li key={visit.id}>
              <span className="reception__visit">
                <strong>{visit.dwellingName}</strong>
                <span>{t("who", { purpose: t(`purpose.${visit.purpose}`), count: visit.persons })}</span>
                {visit.checkedOutAt === undefined ? null : (
                  <span className="quiet">
                    {t("out")} <RelativeMoment epochMs={visit.checkedOutAt} />
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** Why there is no list yet, and the one thing to do about it. */
function ShiftFirst() {
  const { t } = useTranslation("reception");
  const begin = useChange(() => call(shiftEndpoints.open, {}), { doneText: t("begun") });
  return (
    <div className="page-state">
      <p className="page-state__title">{t("shiftFirst")}</p>
      <p>{t("shiftFirstHelp")}</p>
      <Button type="primary" size="large" loading={begin.isPending} onClick={() => begin.mutate(undefined)}>
        {t("begin")}
      </Button>
    </div>
  );
}

/** From when to when a pass holds, in hours where it holds only at some. */
function Span({ visit }: { visit: ExpectedVisit }) {
  const format = useMomentFormat();
  const clock = (epochMs: number) => formatClock(epochMs, format).slice(0, 5);
  const text =
    visit.windows.length === 0
      ? `${clock(visit.notBefore)}–${clock(visit.notAfter)}`
      : visit.windows
          .map(({ endMinute, startMinute }) => `${minuteText(startMinute)}–${minuteText(endMinute)}`)
          .join(" · ");
  return <span>{text}</span>;
}

const minuteText = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

function InsideVisit({ visit }: { visit: Visit }) {
  const { t } = useTranslation("reception");
  const { t: common } = useTranslation();
  const { notification } = App.useApp();
  const params = { id: visit.id };
  const undo = useChange(
    (revision: number) => call(receptionEndpoints.undoCheckOut, { params, body: { revision } }),
    { doneText: t("backIn") },
  );
  const checkOut = useChange(
    () => call(receptionEndpoints.checkOut, { params, body: { revision: visit.revision } }),
    {
      doneText: t("checkedOut"),
      onDone: (done) =>
        notification.open({
          key: visit.id,
          title: t("checkedOutOf", { name: visit.dwellingName }),
          duration: 8,
          actions: (
            <Button
              onClick={() => {
                notification.destroy(visit.id);
                undo.mutate(done.revision);
              }}
            >
              {common("common.undo")}
            </Button>
          ),
        }),
    },
  );
  return (
    <li>
      <span className="reception__visit">
        <strong>{visit.dwellingName}</strong>
        <span>{t("who", { purpose: t(`purpose.${visit.purpose}`), count: visit.persons })}</span>
        <span className="quiet">
          {t("in")} <RelativeMoment epochMs={visit.checkedInAt} />
        </span>
        <Until visit={visit} />
      </span>
      <Button
        aria-label={`${t("checkOut")}: ${visit.dwellingName}`}
        loading={checkOut.isPending}
        onClick={() => checkOut.mutate(undefined)}
      >
        {t("checkOut")}
      </Button>
    </li>
  );
}

function Until({ visit }: { visit: Visit }) {
  const { t } = useTranslation("reception");
  const format = useMomentFormat();
  const time = formatClock(visit.expectedUntil, format).slice(0, 5);
  return visit.overstay ? (
    <StateMark tone="refused">{t("overstay", { time })}</StateMark>
  ) : (
    <span className="quiet">{t("until", { time })}</span>
  );
}
