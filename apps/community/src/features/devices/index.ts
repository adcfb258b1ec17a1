export { devicesRoutes } from "./devices.routes.ts";
export { collectFindings, type DevicesService, makeDevicesService } from "./devices.service.ts";
export { findingsOf, seenBy, sortFindings } from "./findings.ts";
export { gateView } from "./gate-view.ts";
export {
  type GateRecord,
  insertGate,
  selectAllGates,
  selectGate,
  selectSubjectNames,
} from "./gates.store.ts";
