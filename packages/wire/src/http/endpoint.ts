import type { Static, TSchema } from "typebox";
import type { Viewed } from "./view-reason.ts";

/** A file that an operation takes as its body: its types (`content-type`), and how large it may be. */
export interface Upload {
  readonly types: readonly string[];
  readonly maxBytes: number;
}

/** A file to send. */
export interface UploadFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/**
 * One operation of the HTTP API. The server registers its routes from these and clients call through them, so that
 * path, method and shapes exist once.
 */
export interface Endpoint {
  /** `operationId` in the OpenAPI document. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for path parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  /** Body of the successful answer; `NoContent` answers 204. */
  readonly response: TSchema;
  /** Longest body that is read; 1 MiB if absent. */
  readonly bodyLimitBytes?: number;
  /** The body is a file as it is, in place of JSON; what goes with it stands in the query. */
  readonly upload?: Upload;
  /** Status of success; 200 if absent, 204 for `NoContent`. */
  readonly status?: 200 | 201 | 204;
  /** Whether the change must carry the `menshen-reason` header (see `change-reason.ts`). */
  readonly reason?: "required";
  /**
   * What the answer shows of residents; each of them can read that it was. With `reason: "required"` nothing is answered
   * without the `menshen-view-reason` header (see `view-reason.ts`); with `"for-names"` residents are left out instead.
   */
  readonly shows?: { readonly what: Viewed; readonly reason: "required" | "for-names" };
}

/** Keeps the literal types of an endpoint's definition. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

/** The type of what a schema describes; `undefined` where there is no schema. */
export type StaticOf<S> = S extends TSchema ? Static<S> : undefined;
export type ParamsOf<E extends Endpoint> = StaticOf<E["params"]>;
export type QueryOf<E extends Endpoint> = StaticOf<E["query"]>;
export type BodyOf<E extends Endpoint> = StaticOf<E["body"]>;
export type ResponseOf<E extends Endpoint> = Static<E["response"]>;

/**
 * The path of an endpoint with its parameters filled in and percent-encoded; throws `RangeError` if one is missing.
 */
export function fillPath(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new RangeError(`path \`${path}\`: no value for \`${name}\``);
    return encodeURIComponent(value);
  });
}
