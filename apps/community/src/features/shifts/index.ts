export { shiftsRoutes } from "./shifts.routes.ts";
export { makeShiftsService, type ShiftsService } from "./shifts.service.ts";
export { lockOwnShift, setPresenceSeen, setReceptionSeen } from "./shifts.store.ts";
