import type { AuditJob, AuditReport, AuditResult } from "./audit-worker.ts";

/** Runs one audit in a worker. Rejects where the log could not be reached. */
export function runAudit(job: AuditJob, told: (verified: number) => void): Promise<AuditResult> {
  const worker = new Worker(new URL("./audit-worker.ts", import.meta.url), { type: "module" });
  const finished = new Promise<AuditResult>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<AuditReport>) => {
      const report = event.data;
      if (report.report === "progress") told(report.verified);
      else if (report.report === "done") resolve(report.result);
      else reject(new Error("the log could not be read"));
    };
    worker.onerror = () => reject(new Error("the worker did not start"));
  });
  worker.postMessage(job);
  return finished.finally(() => worker.terminate());
}
