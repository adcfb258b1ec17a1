import { StateMark } from "@menshen/ui";
import type { DoorState } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { RelativeMoment } from "../../components/moments.tsx";

/** A door's state in words, the most urgent first: alarm, offline, lockdown, mode, lock and contact. */
export function DoorStateMark(props: { door: DoorState }) {
  const { t } = useTranslation();
  const { door } = props;
  if (door.alarm !== undefined) return <StateMark tone="alarm">{t(`door.alarm.${door.alarm}`)}</StateMark>;
  if (!door.fresh) {
    return (
      <StateMark tone="offline">
        {t("door.offline")}
        {door.since === undefined ? null : (
          <>
            {" · "}
            <RelativeMoment epochMs={door.since} />
          </>
        )}
      </StateMark>
    );
  }
  if (door.lockdown > 0)
    return <StateMark tone="refused">{t("door.lockdown", { level: door.lockdown })}</StateMark>;
  if (door.mode === "locked") return <StateMark tone="refused">{t("door.modeLocked")}</StateMark>;
  if (door.contact === "open") return <StateMark tone="granted">{t("door.open")}</StateMark>;
  if (door.mode === "held-open") return <StateMark tone="granted">{t("door.heldOpen")}</StateMark>;
  if (door.lock === "unlocked") return <StateMark tone="granted">{t("door.unlocked")}</StateMark>;
  if (door.lock === "locked") return <StateMark tone="quiet">{t("door.locked")}</StateMark>;
  return <StateMark tone="quiet">{t("door.unknown")}</StateMark>;
}
