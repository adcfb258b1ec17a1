export { scheduleDays } from "./schedule-days.ts";
export { schedulesRoutes } from "./schedules.routes.ts";
export { makeSchedulesService, type SchedulesService } from "./schedules.service.ts";
export { selectHolidays } from "./schedules.store.ts";
