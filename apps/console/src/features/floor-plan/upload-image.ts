import { FLOOR_PLAN_MAX_BYTES, floorPlanEndpoints, type Problem } from "@menshen/wire";
import { ApiError } from "../../api/client.ts";

/** How far an upload is: part of it that is sent, then what the server does with it. */
export type UploadProgress =
  | { readonly step: "sending"; readonly part: number }
  | { readonly step: "checking" };

export const isTooBig = (file: File): boolean => file.size > FLOOR_PLAN_MAX_BYTES;

/** Not of a type that the server reads at all. */
export const isUnknownType = (file: File): boolean =>
  floorPlanEndpoints.create.upload.types.every((type) => type !== typeOf(file));

/** A file's type by its ending, where the browser does not know it; what it truly is the server sees in its bytes. */
function typeOf({ name, type }: File): string {
  if (type !== "") return type;
  return /\.png$/i.test(name) ? "image/png" : /\.jpe?g$/i.test(name) ? "image/jpeg" : "image/svg+xml";
}

/**
 * Sends a file with news of how far it is, which `fetch` does not give.
 *
 * @param address path and query
 * @throws ApiError as `call` does
 */
export function sendFile(
  method: string,
  address: string,
  file: File,
  onProgress: (progress: UploadProgress) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.setRequestHeader("content-type", typeOf(file));
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress(loaded < total ? { step: "sending", part: loaded / total } : { step: "checking" });
    request.onerror = () => reject(new ApiError(undefined));
    request.onload = () => {
      if (request.status < 300) resolve(request.response);
      else reject(new ApiError(isProblem(request.response) ? request.response : unknownProblem(request)));
    };
    request.send(file);
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
