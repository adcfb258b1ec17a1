export { recordNewAlarms } from "./alarm-lines.ts";
export { evidenceRoutes } from "./evidence.routes.ts";
export { type EvidenceService, makeEvidenceService } from "./evidence.service.ts";
export { type LogRunner, makeLogRunner } from "./log-runner.ts";
export { makeRecordCheckService } from "./record-check.service.ts";
export { countedPolicy, logOrigin, readWitnessPolicy } from "./witness-policy.ts";
export { makeWitnessesService } from "./witnesses.service.ts";
