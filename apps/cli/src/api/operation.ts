import {
  type BodyOf,
  type Endpoint,
  fillPath,
  type ParamsOf,
  Problem,
  type QueryOf,
  type ResponseOf,
  type Upload,
  type UploadFile,
} from "@menshen/wire";
import { Value } from "typebox/value";
import { ApiError } from "./api-error.ts";

/** What a call of any operation is made of. */
export interface LooseParts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly upload?: UploadFile;
}

/** The same for one operation, as its endpoint says. */
export type Parts<E extends Endpoint> = LooseParts &
  (ParamsOf<E> extends undefined ? unknown : { readonly params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? unknown : { readonly query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? unknown : { readonly body: BodyOf<E> }) &
  (E extends { readonly upload: Upload } ? { readonly upload: UploadFile } : unknown);

/** Address of an operation, with its parameters and its query: words, numbers and yes or no; others are left out. */
export function urlOf({ path }: Endpoint, { params = {}, query = {} }: LooseParts, server: string): URL {
  const texts = Object.entries(params).map(([name, value]) => [name, String(value)]);
  const url = new URL(fillPath(path, Object.fromEntries(texts)), server);
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === "string") url.searchParams.set(name, value);
    else if (typeof value === "number" || typeof value === "boolean") {
      url.searchParams.set(name, `${value}`);
    }
  }
  return url;
}

/** What a server answered. Throws `ApiError` for a refusal. */
export async function readAnswer(endpoint: Endpoint, response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new ApiError(endpoint.id, response.status, problemOf(text));
  return text === "" ? null : JSON.parse(text);
}

/** The answer in the operation's form. Throws `ApiError` for another. */
export function demandAnswer<E extends Endpoint>(endpoint: E, answer: unknown): ResponseOf<E> {
  if (!answersTo(endpoint, answer)) throw new ApiError(`${endpoint.id}: unexpected answer`, 200, undefined);
  return answer;
}

function answersTo<E extends Endpoint>(endpoint: E, answer: unknown): answer is ResponseOf<E> {
  return Value.Check(endpoint.response, answer);
}

function problemOf(text: string): Problem | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Value.Check(Problem, parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
