// What a small program needs of a process: `menshen` starts often, and does not pay for databases and schemas with it.

export { destroyFile, openUnbackedDirectory, syncDirectory, writeFileDurably } from "./durable-file.ts";
export * from "./errors.ts";
export * from "./lifecycle.ts";
export * from "./state-lock.ts";
