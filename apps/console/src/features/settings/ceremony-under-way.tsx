import "./texts/index.ts";
import { type ChangeReason, custodyEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { useMomentText } from "../openings/moment-text.ts";
import { useBodyName } from "../openings/opening-state.tsx";

const REFRESH_MS = 3_000;

/** The making of keys that is under way, and the button that gives it up; nothing otherwise. */
export function CeremonyUnderWay() {
  const { t } = useTranslation("retention");
  const { t: shared } = useTranslation();
  const bodyName = useBodyName();
  const moment = useMomentText();
  const status = useQuery({
    queryKey: [custodyEndpoints.status.id],
    queryFn: ({ signal }) => call(custodyEndpoints.status, { signal }),
    refetchInterval: REFRESH_MS,
  });
  const id = status.data?.ceremony?.id ?? "";
  const stop = useChange((reason: ChangeReason) =>
    call(custodyEndpoints.stopCeremony, { params: { id }, reason }),
  );
  const ceremony = status.data?.ceremony;
  if (ceremony === undefined) return null;
  const members = status.data?.custodians?.members ?? [];
  const here = members.flatMap(({ index, body }) =>
    ceremony.present.includes(index) ? [bodyName(body)] : [],
  );
  const until = moment(ceremony.expiresAt);
  return (
    <section className="section" aria-labelledby="ceremony-under-way">
      <h2 id="ceremony-under-way">{t("ceremony.title")}</h2>
      <p role="status">
        {ceremony.state === "gathering"
          ? t("ceremony.gathering", {
              until,
              names: here.length === 0 ? t("ceremony.nobody") : here.join(shared("common.comma")),
            })
          : t("ceremony.running", { until })}
      </p>
      <p className="quiet">{t("ceremony.stopHelp")}</p>
      <ReasonButton label={t("ceremony.stop")} isPending={stop.isPending} onConfirm={stop.mutate} />
    </section>
  );
}
