import type { Alarm } from "@menshen/wire";
import { useTranslation } from "react-i18next";

/** Where an alarm is: the door, or else the reader, or else the gate. */
export function useAlarmPlace(): (alarm: Alarm) => string {
  const { t } = useTranslation("alarms");
  return (alarm) =>
    alarm.portalName ??
    (alarm.readerName === undefined ? t("gate", { name: alarm.gateName }) : alarm.readerName);
}
