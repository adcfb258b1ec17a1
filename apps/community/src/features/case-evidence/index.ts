export { type CaseEvidence, makeCaseEvidence } from "./make-case-evidence.ts";
