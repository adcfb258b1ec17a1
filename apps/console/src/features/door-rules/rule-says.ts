import type { AreaRules, PortalRules } from "@menshen/wire";
import type { TFunction } from "i18next";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

type Knowing = Pick<AreaRules, "antiPassback" | "staffFirst" | "twoPersons"> & {
  readonly occupancyLimit?: number | null;
};

/** Whether any rule of the area needs to know who is inside; what holds while gates are apart matters to those alone. */
export function needsToKnow(rules: Knowing): boolean {
  const { antiPassback, occupancyLimit, staffFirst, twoPersons } = rules;
  return antiPassback !== "off" || (occupancyLimit ?? null) !== null || staffFirst || twoPersons;
}

/** Rules of an area in short sentences; none where nothing is set. */
export function areaSays(t: TFunction<"doorRules">, rules: AreaRules): readonly string[] {
  const { antiPassback, escort, occupancyLimit, timedMs } = rules;
  const minutes = (timedMs ?? 0) / MINUTE_MS;
  return [
    ...(antiPassback === "off" ? [] : [t(`antiPassback.say.${antiPassback}`, { minutes })]),
    ...(occupancyLimit === undefined ? [] : [t("limitSay", { count: occupancyLimit })]),
    ...(rules.staffFirst ? [t("staffFirst.say")] : []),
    ...(rules.twoPersons ? [t("twoPersons.say")] : []),
    ...(escort === undefined ? [] : [t("escort.say", { seconds: escort.withinMs / SECOND_MS })]),
    ...(needsToKnow(rules) ? [t(`whenApart.say.${rules.whenApart}`)] : []),
    ...(rules.counted && !needsToKnow(rules) ? [t("counted.say")] : []),
  ];
}

/** Rules of a door in short sentences; none where nothing is set. */
export function portalSays(t: TFunction<"doorRules">, rules: PortalRules): readonly string[] {
  const { doubleTapHold, floors, interlockGroup, preAlarmMs, twoPersonWithinMs } = rules;
  return [
    ...(interlockGroup === undefined ? [] : [t("interlock.say", { group: interlockGroup })]),
    ...(twoPersonWithinMs === undefined
      ? []
      : [t("twoPerson.say", { seconds: twoPersonWithinMs / SECOND_MS })]),
    ...(doubleTapHold === undefined ? [] : [t("hold.say", { minutes: doubleTapHold.forMs / MINUTE_MS })]),
    ...(preAlarmMs === undefined ? [] : [t("preAlarm.say", { seconds: preAlarmMs / SECOND_MS })]),
    ...(rules.turnstile ? [t("turnstile.say")] : []),
    ...(rules.plate ? [t("plate.say")] : []),
    ...(floors === undefined ? [] : [t("floors.say", { count: floors.length })]),
  ];
}
