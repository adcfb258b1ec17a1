export { makeKeyringMaker } from "./keyring.ts";
export { type ModelCache, makeModelCache } from "./model-cache.ts";
export { makePolicyCheck, type PolicyCheck } from "./policy-check.ts";
export { makePolicyWatch } from "./policy-watch.ts";
export { makePublisher, type Publisher } from "./publisher.ts";
