export { isConnectedTo } from "./connection.store.ts";
export type { Exchange } from "./exchange.ts";
export { makeCityLink } from "./make-city-link.ts";
export {
  atCity,
  insertReport,
  markListingAgain,
  selectCasesOfBatches,
  selectListedReports,
} from "./reports.store.ts";
export { listedNumberContext } from "./sealing.ts";
