import "./texts/index.ts";
import { StateMark } from "@menshen/ui";
import {
  type CardKeyBuilding,
  type CardKeyReport,
  type CardKeyVersion,
  type ChangeReason,
  type KeyAct,
  keyRequestEndpoints,
} from "@menshen/wire";
import { Button, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link, Route, Routes, useNavigate } from "react-router";
import { ApiError, call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { RelativeMoment } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Forbidden, Loading, NotFound, OtherDuty } from "../../components/page-states.tsx";
import { PagedTable } from "../../components/paged-table.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { GroupCards, WaitingCards } from "./card-list.tsx";
import { KeyRequests, useKeyRequests } from "./key-requests.tsx";
import { KeyStore } from "./key-store.tsx";
import { StolenGate } from "./stolen-gate.tsx";
import { allOf, useCardKeyReport } from "./use-card-keys.ts";

/** Which keys cards carry, and how they are changed. Counts alone; the lists of holders ask why. */
export default function CardKeysPage() {
  return (
    <Routes>
      <Route index element={<CardKeys />} />
      <Route path="waiting" element={<WaitingCards />} />
      <Route path="door-groups/:doorGroup" element={<GroupCards />} />
      <Route path="stolen-gate" element={<StolenGate />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

function CardKeys() {
  const { t } = useTranslation("cardKeys");
  const mayRead = useMay("credentials.read");
  const mayUnlock = useMay("custody.write");
  const { duty } = useSignedIn();
  const navigate = useNavigate();
  const report = useCardKeyReport(mayRead);
  if (!mayRead && mayUnlock) return <UnlockOnly />;
  if (!mayRead) return duty === "operate" ? <Forbidden /> : <OtherDuty duty="operate" />;
  const head = (
    <PageHead
      title={t("title")}
      lead={t("lead")}
      action={
        <Button role="link" danger onClick={() => void navigate("/credentials/keys/stolen-gate")}>
          {t("stolen")}
        </Button>
      }
    />
  );
  if (report.isPending) return <Loading />;
  if (report.isError) {
    return (
      <>
        {head}
        <Failed error={report.error} onRetry={() => void report.refetch()} />
      </>
    );
  }
  return (
    <>
      {head}
      <p>
        <Link to="/credentials">{t("back")}</Link>
      </p>
      <KeyStore />
      <KeyRequests />
      <Progress report={report.data} />
      <Versions report={report.data} />
      <StartVersion report={report.data} />
    </>
  );
}

/** What somebody for security may do here. */
function UnlockOnly() {
  const { t } = useTranslation("cardKeys");
  return (
    <>
      <PageHead title={t("title")} lead={t("store.lead")} />
      <KeyStore />
    </>
  );
}

function Progress({ report }: { report: CardKeyReport }) {
  const { t } = useTranslation("cardKeys");
  const { waiting, renewed, lacking, buildings } = report;
  const columns: TableColumnsType<CardKeyBuilding> = [
    {
      key: "building",
      title: t("building"),
      render: (_, { buildingName }) => buildingName ?? t("noBuilding"),
    },
    {
      key: "carried",
      title: t("carried"),
      render: (_, { carried }) => (
        <>
          {carried.map(({ version, cards }) => (
            <div key={version}>
              {t("versionNumber", { version })} · {t("cardCount", { count: cards })}
            </div>
          ))}
        </>
      ),
    },
    {
      key: "waiting",
      title: t("toCome"),
      align: "right",
      render: (_, building) =>
        building.waiting === 0 ? (
          <StateMark tone="granted">{t("done")}</StateMark>
        ) : (
          <strong>{t("cardCount", { count: building.waiting })}</strong>
        ),
    },
  ];
  return (
    <section className="section" aria-labelledby="key-progress">
      <h2 id="key-progress">{t("progress")}</h2>
      <p role="status">
        {waiting === 0 ? (
          <StateMark tone="granted">{t("allCarry")}</StateMark>
        ) : (
          <>
            {t("waiting", { count: waiting, renewed })}{" "}
            <Link to="/credentials/keys/waiting">{t("waitingList")}</Link>
          </>
        )}
      </p>
      {waiting === 0 || lacking.length === 0 ? null : (
        <p>
          <StateMark tone="offline">{t("lacking")}</StateMark>{" "}
          {t("lackingHelp", { names: lacking.map(({ name }) => name).join(", ") })}
        </p>
      )}
      <PagedTable
        read={allOf(buildings)}
        label={t("progress")}
        rowKey={({ buildingId }) => buildingId ?? "none"}
        columns={columns}
        empty={<Empty title={t("noCards")}>{t("noCardsHelp")}</Empty>}
      />
    </section>
  );
}

function Versions({ report }: { report: CardKeyReport }) {
  const { t } = useTranslation("cardKeys");
  const columns: TableColumnsType<CardKeyVersion> = [
    {
      key: "version",
      title: t("version"),
      render: (_, { version }) => (
        <>
          <strong>{t("versionNumber", { version })}</strong>
          {version === report.version ? (
            <>
              <br />
              <span className="quiet">{t("newest")}</span>
            </>
          ) : null}
        </>
      ),
    },
    {
      key: "reason",
      title: t("reason"),
      render: (_, { version, doorGroup, startedAt }) => (
        <>
          {doorGroup !== undefined
            ? t("stolenGroup", { group: doorGroup })
            : t(version === 1 ? "first" : "planned")}
          <br />
          <span className="quiet">
            <RelativeMoment epochMs={startedAt} />
          </span>
        </>
      ),
    },
    {
      key: "cards",
      title: t("cards"),
      align: "right",
      render: (_, { cards }) => t("cardCount", { count: cards }),
    },
    {
      key: "end",
      title: "",
      render: (_, version) => (version.version === report.version ? null : <EndVersion version={version} />),
    },
  ];
  return (
    <section className="section" aria-labelledby="key-versions">
      <h2 id="key-versions">{t("versions")}</h2>
      <PagedTable
        read={allOf(report.versions)}
        label={t("versions")}
        rowKey={({ version }) => String(version)}
        columns={columns}
        empty={<Empty title={t("noCards")}>{t("noCardsHelp")}</Empty>}
      />
    </section>
  );
}

/** Somebody asked for this already, and another person is to agree. */
function useAskedFor(act: KeyAct, version?: number): boolean {
  const requests = useKeyRequests().data?.items ?? [];
  return requests.some(
    (request) =>
      request.state === "waiting" && request.act === act && (act === "start" || request.version === version),
  );
}

function EndVersion({ version: { version, cards } }: { version: CardKeyVersion }) {
  const { t } = useTranslation("cardKeys");
  const mayWrite = useMay("credentials.write");
  const isAsked = useAskedFor("end", version);
  const end = useChange(
    (reason: ChangeReason) => call(keyRequestEndpoints.askToEnd, { params: { version }, reason }),
    {
      doneText: t("two.asked"),
      refusedText: (error) =>
        error instanceof ApiError && error.code === "conflict" ? t("endRefused") : undefined,
    },
  );
  if (cards > 0) return <span className="quiet">{t("mayNotEnd", { count: cards })}</span>;
  return (
    <>
      <span className="quiet">{t("mayEnd")}</span>{" "}
      {isAsked ? (
        <StateMark tone="refused">{t("two.waits")}</StateMark>
      ) : mayWrite ? (
        <ReasonButton label={t("end")} isPending={end.isPending} isDangerous onConfirm={end.mutate} />
      ) : null}
    </>
  );
}

function StartVersion({ report }: { report: CardKeyReport }) {
  const { t } = useTranslation("cardKeys");
  const mayWrite = useMay("credentials.write");
  const isAsked = useAskedFor("start");
  const start = useChange((reason: ChangeReason) => call(keyRequestEndpoints.askToStart, { reason }), {
    doneText: t("two.asked"),
    refusedText: (error) =>
      error instanceof ApiError && error.code === "conflict" ? t("startRefused") : undefined,
  });
  return (
    <section className="section" aria-labelledby="key-start">
      <h2 id="key-start">{t("startTitle")}</h2>
      <p>{report.waiting > 0 ? t("startWaits") : t("startHelp")}</p>
      {!mayWrite ? (
        <p className="quiet">{t("mayNot")}</p>
      ) : report.waiting > 0 ? null : isAsked ? (
        <StateMark tone="refused">{t("two.waits")}</StateMark>
      ) : (
        <ReasonButton label={t("start")} isPending={start.isPending} isPrimary onConfirm={start.mutate} />
      )}
    </section>
  );
}
