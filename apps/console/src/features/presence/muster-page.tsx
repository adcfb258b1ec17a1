import "./texts/index.ts";
import "./presence.css";
import { formatClock } from "@menshen/ui";
import type { MusterLine } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMomentFormat } from "../../components/moments.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { byArea } from "./by-area.ts";
import { NotShown } from "./on-duty.tsx";
import { useAreaCounts, useMusterList } from "./use-presence.ts";

/** Who still counts as inside while it burns, area by area, to be read on a tablet or on paper. */
export default function MusterPage() {
  const { t } = useTranslation("presence");
  const counts = useAreaCounts();
  const isOn = counts.data?.muster ?? false;
  const read = useMusterList(isOn);
  return (
    <>
      <PageHead
        title={t("muster.title")}
        lead={t("muster.lead")}
        action={
          <span className="actions">
            {read.isSuccess ? (
              <Button type="primary" onClick={() => print()}>
                {t("muster.print")}
              </Button>
            ) : null}
            <Link to="/guard">{t("muster.back")}</Link>
          </span>
        }
      />
      {counts.isPending ? (
        <Loading />
      ) : counts.isError ? (
        <Failed error={counts.error} onRetry={() => void counts.refetch()} />
      ) : !isOn ? (
        <Empty title={t("muster.none")}>{t("muster.noneHelp")}</Empty>
      ) : read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <NotShown error={read.error} onRetry={() => void read.refetch()} />
      ) : (
        <Muster lines={read.data.lines} knownAt={read.dataUpdatedAt} />
      )}
    </>
  );
}

function Muster({ knownAt, lines }: { lines: readonly MusterLine[]; knownAt: number }) {
  const { t } = useTranslation("presence");
  const format = useMomentFormat();
  const total = lines.reduce((sum, { persons }) => sum + persons, 0);
  return (
    <>
      <p role="status">
        <strong>{t("muster.total", { count: total, time: formatClock(knownAt, format) })}</strong>
      </p>
      {lines.length === 0 ? <p>{t("muster.nobody")}</p> : null}
      {byArea(lines).map((area) => (
        <MusterArea key={area.areaId} area={area} />
      ))}
    </>
  );
}

function MusterArea({ area }: { area: ReturnType<typeof byArea>[number] }) {
  const { t } = useTranslation("presence");
  const { t: common } = useTranslation();
  return (
    <table className="muster">
      <caption>
        {area.areaName} · {t("persons", { count: area.persons })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t("muster.home")}</th>
          <th scope="col">{t("muster.role")}</th>
          <th scope="col" className="muster__number">
            {t("muster.count")}
          </th>
          <th scope="col" className="muster__found">
            {t("muster.found")}
          </th>
        </tr>
      </thead>
      <tbody>
        {area.lines.map(({ dwellingName, persons, role }) => (
          <tr key={`${dwellingName ?? ""}/${role ?? ""}`}>
            <td>{dwellingName ?? t("muster.visitor")}</td>
            <td>{role === undefined ? "–" : common(`role.${role}`)}</td>
            <td className="muster__number">{persons}</td>
            <td className="muster__found" aria-hidden="true">
              {"□ ".repeat(Math.min(persons, 10)).trim()}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
