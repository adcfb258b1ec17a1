export { forgetSubject } from "./forget-subject.ts";
export { type LeafRecorder, makeLeafRecorder, type NewLeaf } from "./leaf-recorder.ts";
export { proveStatements } from "./prove-statements.ts";
export { type LineTable, readLines, recordLines } from "./recorded-lines.ts";
export { runSql, type SqlScope } from "./sql-runner.ts";
export { type OpenedStatement, openStatements } from "./statements.ts";
