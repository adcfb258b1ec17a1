import "../alarms/texts/index.ts";
import "./texts/index.ts";
import "./guard.css";
import "./night.css";
import { formatClock } from "@menshen/ui";
import { ConfigProvider } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { LiveState } from "../../api/live-feed.ts";
import { useLive } from "../../api/use-live.tsx";
import { useMomentFormat, useNow } from "../../components/moments.tsx";
import { Loading, Unreachable } from "../../components/page-states.tsx";
import { usePreferences } from "../../preferences.tsx";
import { consoleTheme } from "../../theme.ts";
import { AlarmList } from "../alarms/alarm-list.tsx";
import { SoundSwitch } from "../alarms/sound-switch.tsx";
import { useAlarms, useBell } from "../alarms/use-alarms.ts";
import { EventRow } from "../live/event-row.tsx";
import { ActiveLockdowns } from "../lockdown/active-lockdowns.tsx";
import VendorBanner from "../roles/vendor-banner.tsx";
import { BreakNotice, ConnectionLine } from "./connection-line.tsx";

/** How many of what happened last stand below the alarms. */
const LAST_EVENTS = 3;

/** Dark whatever the person chose, and awake where the browser lets it: a screen that sleeps shows no alarm. */
function useNightScreen(): void {
  const { isDark } = usePreferences();
  useEffect(() => {
    document.documentElement.dataset.theme = "dark";
    return () => {
      document.documentElement.dataset.theme = isDark ? "dark" : "light";
    };
  }, [isDark]);
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const askToStayAwake = async () => {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      try {
        const got = await navigator.wakeLock.request("screen");
        if (isOver) await got.release();
        else lock = got;
      } catch {
        // The battery is low, or the browser does not want to: the screen sleeps as it is set to.
      }
    };
    const stayAwake = () => void askToStayAwake();
    stayAwake();
    document.addEventListener("visibilitychange", stayAwake);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", stayAwake);
      void lock?.release();
    };
  }, []);
}

/** One guard at night: the time, one large list of alarms, and a sound when one rings. Nothing else moves. */
export default function NightPage() {
  const live = useLive();
  useNightScreen();
  return (
    <ConfigProvider theme={consoleTheme(true)}>
      <main className="night" id="page">
        {live.overview !== undefined ? (
          <Night live={live} doorCount={live.overview.doors.length} />
        ) : live.connection.state === "lost" ? (
          <Unreachable onRetry={() => location.reload()} />
        ) : (
          <Loading />
        )}
      </main>
    </ConfigProvider>
  );
}

function Night(props: { live: LiveState; doorCount: number }) {
  const { t } = useTranslation("guard");
  const { live } = props;
  const format = useMomentFormat();
  const now = useNow(1_000);
  const read = useAlarms();
  const alarms = read.data?.items ?? [];
  useBell(alarms);
  const isQuiet = alarms.length === 0 && read.isSuccess && live.connection.state === "live";
  return (
    <>
      <header className="night__bar">
        <h1 className="ms-visually-hidden">{t("night")}</h1>
        <time className="night__clock">{formatClock(now, format).slice(0, 5)}</time>
        <ConnectionLine live={live} />
        <SoundSwitch size="large" />
        <Link className="night__leave" to="/guard">
          {t("nightLeave")}
        </Link>
      </header>
      <BreakNotice live={live} />
      <VendorBanner />
      <ActiveLockdowns />
      {isQuiet ? <p className="night__quiet">{t("quiet", { count: props.doorCount })}</p> : null}
      {read.isError ? <p className="night__quiet">{t("alarmsUnread")}</p> : null}
      {alarms.length === 0 ? null : <AlarmList alarms={alarms} />}
      <ol className="stream__list" aria-label={t("lastEvents")}>
        {live.events.slice(0, LAST_EVENTS).map((event) => (
          <EventRow key={`${event.gateId}/${event.sequence}`} event={event} />
        ))}
      </ol>
    </>
  );
}
