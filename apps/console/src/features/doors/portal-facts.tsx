import type { Portal } from "@menshen/wire";
import { useTranslation } from "react-i18next";

/** A door for whoever may not change it: what is set, and whose duty changing it is. */
export function PortalFacts(props: { portal: Portal; gateName?: string; scheduleName?: string }) {
  const { t } = useTranslation();
  const { portal } = props;
  return (
    <>
      <dl className="facts">
        <dt>{t("door.gate")}</dt>
        <dd>{props.gateName ?? "–"}</dd>
        <dt>{t("doors.unlockSeconds")}</dt>
        <dd>{portal.unlockMs / 1_000}</dd>
        <dt>{t("doors.heldOpenLimitSeconds")}</dt>
        <dd>{portal.heldOpenLimitMs / 1_000}</dd>
        <dt>{t("doors.unlockSchedule")}</dt>
        <dd>{props.scheduleName ?? t("common.none")}</dd>
      </dl>
      <p className="quiet">{t("doors.whoMay")}</p>
    </>
  );
}
