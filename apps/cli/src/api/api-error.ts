import type { Problem } from "@menshen/wire";

/** A refusal by the community server, as problem details (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  /** Undefined if the answer was no problem document. */
  readonly problem: Problem | undefined;

  constructor(operation: string, status: number, problem: Problem | undefined) {
    super(`${operation}: ${status} ${problem?.code ?? ""} ${problem?.title ?? ""}`.trim());
    this.name = "ApiError";
    this.status = status;
    this.problem = problem;
  }
}
