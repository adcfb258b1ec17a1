export type { AlarmFeed } from "./alarm-feed.ts";
export { alarmsRoutes } from "./alarms.routes.ts";
export { alarmPermission } from "./alarms.service.ts";
export type { PositionedAlarm } from "./alarms.store.ts";
export { type AlarmServices, makeAlarms } from "./make-alarms.ts";
