export { makeCaseEvidence } from "./make-case-evidence.ts";
