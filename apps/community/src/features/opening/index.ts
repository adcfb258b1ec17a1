export { makeAnswersService } from "./answers.service.ts";
export { type Disclosure, selectDisclosuresFor } from "./disclosures.ts";
export { type LogPins, makeHandoverService } from "./handover.service.ts";
export { type EpochTimes, makeIntakeService } from "./intake.service.ts";
export { openingRoutes } from "./opening.routes.ts";
export type { PublishedLog } from "./opening-view.ts";
export { loadPackageKey } from "./package-key.ts";
export { makeReportService } from "./report.service.ts";
export { makeSealService, type SealService } from "./seal.service.ts";
