export { type CompilerPlan, startCompiler } from "./compiler.ts";
export type { PlanGateAliro } from "./gate-aliro-plan.ts";
export { makeKeyringMaker } from "./keyring.ts";
export { type ModelCache, makeModelCache } from "./model-cache.ts";
export { type ModelInForce, makePolicyCheck, type PolicyCheck } from "./policy-check.ts";
export { makePolicyWatch } from "./policy-watch.ts";
export { makePublisher, type Publisher } from "./publisher.ts";
export { deltaOf } from "./snapshot-document.ts";
