export { devicesRoutes } from "./devices.routes.ts";
export { collectFindings, type DevicesService, makeDevicesService } from "./devices.service.ts";
export { seenBy } from "./findings.ts";
export { gateView } from "./gate-view.ts";
export { type GateRecord, selectAllGates, selectGate } from "./gates.store.ts";
