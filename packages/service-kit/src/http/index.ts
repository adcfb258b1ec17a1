export { addBuiltPages } from "./built-pages.ts";
export { compressFiles } from "./compress-files.ts";
export {
  type AddedRoute,
  closeServiceHttp,
  type HttpServerOptions,
  makeServiceHttp,
  sentBodyOf,
} from "./http-server.ts";
export { makeRequestParser, type RequestPart } from "./parse-request.ts";
export type { RefusalFacts, Refused } from "./problems.ts";
export { PERMISSIONS_WITH_CAMERA } from "./request-safety.ts";
