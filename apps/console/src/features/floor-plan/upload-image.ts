import { FLOOR_PLAN_MAX_BYTES, type Problem } from "@menshen/wire";
import { ApiError } from "../../api/client.ts";

/** How far an upload is: part of it that is sent, then what the server does with it. */
export type UploadProgress =
  | { readonly step: "sending"; readonly part: number }
  | { readonly step: "checking" };

export const isTooBig = (file: File): boolean => file.size > FLOOR_PLAN_MAX_BYTES;

/** The file's bytes in base64. */
export function readBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = typeof reader.result === "string" ? reader.result : "";
      resolve(url.slice(url.indexOf(",") + 1));
    };
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
}

/**
 * Sends a body with news of how far it is, which `fetch` does not give.
 *
 * @throws ApiError as `call` does
 */
export function sendWithProgress(
  method: string,
  path: string,
  body: object,
  onProgress: (progress: UploadProgress) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.setRequestHeader("content-type", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress(loaded < total ? { step: "sending", part: loaded / total } : { step: "checking" });
    request.onerror = () => reject(new ApiError(undefined));
    request.onload = () => {
      if (request.status < 300) resolve(request.response);
      else reject(new ApiError(isProblem(request.response) ? request.response : unknownProblem(request)));
    };
    request.send(JSON.stringify(body));
  });
}

function isProblem(answer: unknown): answer is Problem {
  return typeof answer === "object" && answer !== null && "code" in answer;
}

const unknownProblem = ({ status, statusText }: XMLHttpRequest): Problem => ({
  status,
  code: status === 413 ? "too-large" : "internal",
  title: statusText,
});
