import { parentPort, workerData } from "node:worker_threads";
import { GateError } from "../errors.ts";
import { makeJournalKeeper } from "./journal-keeper.ts";
import { makeStateKeeper } from "./state-keeper.ts";
import type { ThreadReply, ThreadRequest } from "./store-thread.ts";

// The thread that owns one database: takes calls one after the other and answers each when it is on the disk.

const { role, path } = workerData as { readonly role: "journal" | "state"; readonly path: string };
const journal = role === "journal" ? makeJournalKeeper(path) : undefined;
const keeper: object = journal ?? makeStateKeeper(path);
let preparing = false;

parentPort?.on("message", ({ id, method, values }: ThreadRequest) => {
  parentPort?.postMessage(answer(id, method, values));
  prepareWhileIdle();
});

/** One step at a time, calls in between: a tap never waits for more than one of them. */
function prepareWhileIdle(): void {
  if (preparing || journal === undefined) return;
  preparing = true;
  setImmediate(() => {
    preparing = false;
    if (journal.prepare()) prepareWhileIdle();
  });
}

function answer(id: number, method: string, values: readonly unknown[]): ThreadReply {
  try {
    const operation: unknown = Reflect.get(keeper, method);
    if (typeof operation !== "function")
      throw new GateError("request-invalid", `no store method \`${method}\``);
    return { id, ok: true, value: Reflect.apply(operation, keeper, values) };
  } catch (fault) {
    if (fault instanceof GateError) return { id, ok: false, code: fault.code, message: fault.message };
    const message = fault instanceof Error ? fault.message : "unknown fault";
    return { id, ok: false, code: "disk-failed", message };
  }
}
