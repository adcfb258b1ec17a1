import { Worker } from "node:worker_threads";
import { GateError, type GateErrorCode } from "../errors.ts";

type Method = (...values: never[]) => unknown;

/** An object of synchronous methods as seen from another thread. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...values: infer A) => infer R
    ? (...values: A) => Promise<R>
    : never;
};

export interface ThreadRequest {
  readonly id: number;
  readonly method: string;
  readonly values: readonly unknown[];
}

export type ThreadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: GateErrorCode; readonly message: string };

/** A database on a thread of its own: a sync that hangs there hangs nothing here. */
export interface StoreThread<T> {
  readonly remote: Remote<T>;
  /**
   * Called with whatever thread answers next and each one that takes its place: what it must know before anything else
   * is asked of it.
   */
  tell(method: keyof T & string, ...values: unknown[]): void;
  /** Closes the database and ends the thread. */
  close(): Promise<void>;
}

/** How long a closing thread may take before it is ended by force. */
const CLOSE_LIMIT_MS = 2_000;

/**
 * Starts the thread that owns one database. If it dies, calls under way fail with `store-stalled` and the next call
 * starts a new one.
 */
export function startStoreThread<T extends { [K in keyof T]: Method }>(
  role: "journal" | "state",
  path: string,
): StoreThread<T> {
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (fault: GateError) => void }
  >();
  let nextId = 1;
  let worker: Worker | undefined;
  let closed = false;
  const told = new Map<string, readonly unknown[]>();

  function running(): Worker {
    if (worker !== undefined) return worker;
    const started = new Worker(new URL("./store-worker.ts", import.meta.url), { workerData: { role, path } });
    started.on("message", (reply: ThreadReply) => {
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) call?.resolve(reply.value);
      else call?.reject(new GateError(reply.code, reply.message));
    });
    const gone = (cause?: unknown) => {
      if (worker === started) worker = undefined;
      for (const call of waiting.values()) {
        call.reject(
          new GateError("store-stalled", `expected the ${role} thread to answer, it ended`, { cause }),
        );
      }
      waiting.clear();
    };
    started.on("error", gone);
    started.on("exit", () => gone());
    worker = started;
    for (const [method, values] of told)
      started.postMessage({ id: 0, method, values } satisfies ThreadRequest);
    return started;
  }

  function call(method: string, values: readonly unknown[]): Promise<unknown> {
    if (closed) return Promise.reject(new GateError("store-stalled", `expected the ${role} thread to run`));
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      running().postMessage({ id, method, values } satisfies ThreadRequest);
    });
  }

  // Both ends are this program: the worker answers each method with what the same method of `T` returns.
  const proxy: unknown = new Proxy(
    {},
    {
      get: (_target, method) =>
        // An object with a method `then` would pass for a promise.
        typeof method !== "string" || method === "then"
          ? undefined
          : (...values: unknown[]) => call(method, values),
    },
  );
  const remote = proxy as Remote<T>;
  return {
    remote,
    tell(method, ...values) {
      told.set(method, values);
      // Nobody waits for this answer: call number 0 is no one's.
      worker?.postMessage({ id: 0, method, values } satisfies ThreadRequest);
    },
    async close() {
      if (worker === undefined) {
        closed = true;
        return;
      }
      const ending = worker;
      const limit = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
      await Promise.race([call("close", []).catch(() => undefined), limit]);
      closed = true;
      await Promise.race([ending.terminate(), limit]);
    },
  };
}
