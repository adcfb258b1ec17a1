export { type LeafRecorder, makeLeafRecorder, type NewLeaf } from "./leaf-recorder.ts";
export { type LeafSubject, subjectIdOf } from "./leaf-subject.ts";
export { type LineTable, type RecordedLine, readLines, recordLines } from "./recorded-lines.ts";
export { runSql, type SqlScope } from "./sql-runner.ts";
export { type OpenedStatement, openStatements } from "./statements.ts";
