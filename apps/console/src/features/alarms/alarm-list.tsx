import "./texts/index.ts";
import "./alarms.css";
import { type Alarm, alarmEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { usePreferences } from "../../preferences.tsx";
import { AlarmItem } from "./alarm-item.tsx";

/** What to do for each kind of alarm, in this person's language. */
export function useInstructions(): (kind: Alarm["kind"]) => string | undefined {
  const { language } = usePreferences();
  const read = useQuery({
    queryKey: [alarmEndpoints.instructions.id],
    queryFn: ({ signal }) => call(alarmEndpoints.instructions, { signal }),
  });
  return (kind) => {
    const text = read.data?.items.find((item) => item.kind === kind)?.text;
    return language === "en" ? text?.en : text?.zh;
  };
}

/** Alarms that nobody has closed, the gravest first; an empty list says so in words. */
export function AlarmList(props: { alarms: readonly Alarm[]; onOpenDoor?: (portalId: string) => void }) {
  const { t } = useTranslation("alarms");
  const instructionOf = useInstructions();
  const { alarms } = props;
  return (
    <section className="alarms" aria-labelledby="alarms">
      <h2 id="alarms" tabIndex={-1}>
        {alarms.length === 0 ? t("title") : t("titleCount", { count: alarms.length })}
      </h2>
      {alarms.length === 0 ? <p className="needs__none">{t("none")}</p> : null}
      <ul className="alarms__list" aria-live="polite">
        {alarms.map((alarm) => (
          <AlarmItem
            key={alarm.id}
            alarm={alarm}
            instruction={instructionOf(alarm.kind)}
            {...(props.onOpenDoor === undefined ? {} : { onOpenDoor: props.onOpenDoor })}
          />
        ))}
      </ul>
    </section>
  );
}
