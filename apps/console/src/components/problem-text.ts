import type { TFunction } from "i18next";
import { ApiError } from "../api/client.ts";

/** Why a change was refused and what to do, in words; the server's own detail where it is about the input. */
export function problemText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t("problem.internal");
  if (error.code === "invalid-request") {
    const fields = error.problem?.fields?.map((field) => `${field.path}: ${field.message}`).join("; ");
    return fields === undefined || fields === ""
      ? t("problem.invalid-request")
      : `${t("problem.invalid-request")} ${fields}`;
  }
  return t(`problem.${error.code}`);
}
