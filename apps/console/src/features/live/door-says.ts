import type { StateTone } from "@menshen/ui";
import type { DoorState } from "@menshen/wire";
import type { TFunction } from "i18next";

/** What a door's state comes to in one word, the most urgent first: alarm, offline, lockdown, mode, lock and contact. */
export function doorSays(t: TFunction, door: DoorState): { readonly tone: StateTone; readonly text: string } {
  if (door.alarm !== undefined) return { tone: "alarm", text: t(`door.alarm.${door.alarm}`) };
  if (!door.fresh) return { tone: "offline", text: t("door.offline") };
  if (door.lockdown > 0) return { tone: "refused", text: t("door.lockdown", { level: door.lockdown }) };
  if (door.mode === "locked") return { tone: "refused", text: t("door.modeLocked") };
  if (door.contact === "open") return { tone: "granted", text: t("door.open") };
  if (door.mode === "held-open") return { tone: "granted", text: t("door.heldOpen") };
  if (door.lock === "unlocked") return { tone: "granted", text: t("door.unlocked") };
  if (door.lock === "locked") return { tone: "quiet", text: t("door.locked") };
  return { tone: "quiet", text: t("door.unknown") };
}
