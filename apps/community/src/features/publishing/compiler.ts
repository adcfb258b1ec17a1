import { Worker } from "node:worker_threads";
import type { GateId } from "@menshen/domain";
import type { KeyAccess } from "@menshen/key-service";
import type { Logger } from "@menshen/service-kit";
import type { HealthFinding } from "@menshen/wire";
import type pg from "pg";
import { CommunityError } from "../../errors.ts";
import type { CompileRequest, DesiredDocuments } from "../../gate-link/index.ts";
import type { Publisher } from "./publisher.ts";

/** What the worker needs to find everything itself. */
export interface CompilerPlan {
  readonly connection: pg.PoolConfig;
  /** Exists already. */
  readonly storageKeyFile: string;
  readonly communityId: string;
}

export interface CompileOrder {
  readonly id: number;
  readonly gateId: GateId;
  readonly request: CompileRequest;
  /** Absent while the keys of cards are locked. */
  readonly access: KeyAccess | undefined;
}

export type CompilerReport =
  | {
      readonly what: "made";
      readonly id: number;
      readonly documents: DesiredDocuments;
      readonly findings: readonly HealthFinding[];
    }
  | { readonly what: "failed"; readonly id: number; readonly error: unknown }
  | { readonly what: "settle"; readonly gateId: GateId };

/** A publisher in a thread of its own: compiling for a hundred thousand credentials must not hold up doors and screens. */
export interface Compiler extends Publisher {
  readonly stop: () => Promise<void>;
}

const WORKER = new URL("./compiler-worker.ts", import.meta.url);

export function startCompiler(options: {
  readonly plan: CompilerPlan;
  /** What opens the keys of cards, once they are open. */
  readonly access: () => KeyAccess | undefined;
  readonly settle: (gateId: GateId) => void;
  readonly logger: Logger;
}): Compiler {
  const { plan, access, settle, logger } = options;
  const waiting = new Map<number, PromiseWithResolvers<DesiredDocuments>>();
  let findings: readonly HealthFinding[] = [];
  let lastId = 0;
  let worker: Worker | undefined;
  let stopping = false;

  function started(): Worker {
    if (worker !== undefined) return worker;
    const fresh = new Worker(WORKER, { workerData: plan });
    fresh.on("message", (report: CompilerReport) => take(report));
    fresh.on("error", (error) => logger.error({ error }, "the compiler failed and is started again"));
    fresh.on("exit", () => {
      if (worker === fresh) worker = undefined;
      // Whoever waits is told; the gates stay marked in the database and are compiled at the next occasion.
      for (const { reject } of waiting.values()) {
        reject(
          new CommunityError("unavailable", stopping ? "the compiler was stopped" : "the compiler ended"),
        );
      }
      waiting.clear();
    });
    worker = fresh;
    return fresh;
  }

  function take(report: CompilerReport): void {
    if (report.what === "settle") {
      settle(report.gateId);
      return;
    }
    const order = waiting.get(report.id);
    waiting.delete(report.id);
    if (report.what === "failed") {
      order?.reject(new CommunityError("internal", "a compilation failed", { cause: report.error }));
      return;
    }
    findings = report.findings;
    order?.resolve(report.documents);
  }

  return {
    compileFor(gateId, request) {
      if (stopping) return Promise.reject(new CommunityError("unavailable", "the compiler was stopped"));
      lastId += 1;
      const answer = Promise.withResolvers<DesiredDocuments>();
      waiting.set(lastId, answer);
      const order: CompileOrder = { id: lastId, gateId, request, access: access() };
      started().postMessage(order);
      return answer.promise;
    },
    findings: () => findings,
    async stop() {
      stopping = true;
      await worker?.terminate();
    },
  };
}
