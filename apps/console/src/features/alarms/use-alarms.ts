import { type Alarm, alarmEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { call } from "../../api/client.ts";
import { useReadAgainOn } from "../../api/use-live.tsx";
import { alarmBell } from "./alarm-bell.ts";

const MOST = 500;

/** Alarms that nobody has closed, the gravest first; undefined until they were read. */
export function useAlarms() {
  useReadAgainOn("alarm", alarmEndpoints.list.id);
  return useQuery({
    queryKey: [alarmEndpoints.list.id, "current"],
    queryFn: ({ signal }) => call(alarmEndpoints.list, { query: { state: "current", limit: MOST }, signal }),
  });
}

/** Whether it rings: nobody has seen it, and it was news when the server heard of it. */
export function rings(alarm: Alarm): boolean {
  return alarm.state === "open" && !alarm.late;
}

/** Lets the bell ring for the gravest alarm that nobody has answered, as long as the page stands. */
export function useBell(alarms: readonly Alarm[]): void {
  const gravest = alarms
    .filter(rings)
    .map(({ rank }) => rank)
    .sort((a, b) => a - b)[0];
  useEffect(() => alarmBell().setDanger(gravest), [gravest]);
  useEffect(() => () => alarmBell().setDanger(undefined), []);
}
