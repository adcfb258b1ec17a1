import { Button } from "antd";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { alarmBell } from "./alarm-bell.ts";

/** Whether alarms sound here, honestly: also that the browser still waits for a touch. */
export function SoundSwitch(props: { size?: "large" }) {
  const { t } = useTranslation("alarms");
  const bell = alarmBell();
  const state = useSyncExternalStore(bell.subscribe, bell.snapshot);
  return (
    <span className="sound">
      <Button
        size={props.size ?? "medium"}
        aria-pressed={state !== "off"}
        icon={<BellIcon isSilent={state !== "on"} />}
        onClick={() => (state === "on" ? bell.turnOff() : bell.turnOn())}
      >
        {t(`sound.${state}`)}
      </Button>
      {state === "waiting" ? (
        <span className="sound__help" role="status">
          {t("sound.help")}
        </span>
      ) : null}
    </span>
  );
}

function BellIcon(props: { isSilent: boolean }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d="M8 1.500a4 4 0 0 0-4 4V9l-1.500 2.500h11L12 9V5.500a4 4 0 0 0-4-4ZM6.500 13a1.500 1.500 0 0 0 3 0"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.500"
      />
      {props.isSilent ? <path d="M2 2 14 14" stroke="currentColor" strokeWidth="1.800" /> : null}
    </svg>
  );
}
