import "./texts/index.ts";
import "./door-rules.css";
import { doorRulesEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Empty, Failed, Loading } from "../../components/page-states.tsx";
import { AreaForm } from "./area-form.tsx";
import { DoorPagesNav } from "./door-pages-nav.tsx";
import { GateNetwork } from "./gate-network.tsx";
import { PortalForm } from "./portal-form.tsx";
import { RuleRow } from "./rule-row.tsx";
import { areaSays, portalSays } from "./rule-says.ts";
import { SharedSettings } from "./shared-settings.tsx";

/** What gates ask beside who somebody is: how many are inside, who was where, which door stands open. */
export default function DoorRulesPage() {
  const { t } = useTranslation("doorRules");
  const mayWrite = useMay("doors.write");
  const read = useQuery({
    queryKey: [doorRulesEndpoints.get.id],
    queryFn: ({ signal }) => call(doorRulesEndpoints.get, { signal }),
  });
  return (
    <>
      <PageHead title={t("title")} lead={t("lead")} />
      <DoorPagesNav />
      {read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      ) : (
        <>
          <h2>{t("areas")}</h2>
          {read.data.areas.length === 0 ? <Empty title={t("noAreas")}>{t("noAreasHelp")}</Empty> : null}
          <ul className="rule-rows">
            {read.data.areas.map((area) => (
              <RuleRow
                key={area.areaId}
                name={area.areaName}
                says={areaSays(t, area)}
                mayWrite={mayWrite}
                form={(close) => <AreaForm rules={area} onClose={close} />}
              />
            ))}
          </ul>
          <section className="section" aria-labelledby="rules-doors">
            <h2 id="rules-doors">{t("doors")}</h2>
            {read.data.portals.length === 0 ? <Empty title={t("noDoors")}>{t("noDoorsHelp")}</Empty> : null}
            <ul className="rule-rows">
              {read.data.portals.map((portal) => (
                <RuleRow
                  key={portal.portalId}
                  name={portal.portalName}
                  says={portalSays(t, portal)}
                  mayWrite={mayWrite}
                  form={(close) => <PortalForm rules={portal} areas={read.data.areas} onClose={close} />}
                />
              ))}
            </ul>
          </section>
          <SharedSettings rules={read.data} mayWrite={mayWrite} />
          <GateNetwork sites={read.data.sites} mayWrite={mayWrite} />
        </>
      )}
    </>
  );
}
