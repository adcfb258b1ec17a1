import { type BodyOf, type Endpoint, fillPath, type ResponseOf } from "@menshen/wire";
import { useCallback, useEffect, useRef, useState } from "react";

/** A refusal by the server; `unreachable` where no answer came. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.name = "Refused";
    this.code = code;
  }
}

interface Parts<E extends Endpoint> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyOf<E>;
}

/** Calls one operation of the city server. Throws {@link Refused}. */
export async function call<E extends Endpoint>(endpoint: E, parts: Parts<E> = {}): Promise<ResponseOf<E>> {
  const query = new URLSearchParams(parts.query);
  const path = `${fillPath(endpoint.path, parts.params)}${query.size === 0 ? "" : `?${query}`}`;
  const response = await fetch(path, {
    method: endpoint.method,
    headers: parts.body === undefined ? {} : { "content-type": "application/json" },
    ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
  }).catch(() => undefined);
  if (response === undefined) throw new Refused("unreachable");
  const text = await response.text();
  const answer: unknown = text === "" ? null : JSON.parse(text);
  if (response.ok) return answer as ResponseOf<E>;
  const code = typeof answer === "object" && answer !== null ? Reflect.get(answer, "code") : undefined;
  throw new Refused(typeof code === "string" ? code : "internal");
}

/** What is read from the server, and how to read it again. */
export interface Reading<T> {
  readonly value: T | undefined;
  readonly code: string | undefined;
  readonly again: () => void;
}

/** Reads when it is first shown, when `key` changes, and when it is asked to. */
export function useReading<T>(key: string, read: () => Promise<T>): Reading<T> {
  const [state, setState] = useState<{ key: string; value?: T; code?: string }>({ key });
  const latest = useRef(read);
  useEffect(() => {
    latest.current = read;
  });
  const again = useCallback(() => {
    latest.current().then(
      (value) => setState({ key, value }),
      (error: unknown) => setState({ key, code: error instanceof Refused ? error.code : "internal" }),
    );
  }, [key]);
  useEffect(again, [again]);
  const isCurrent = state.key === key;
  return {
    value: isCurrent ? state.value : undefined,
    code: isCurrent ? state.code : undefined,
    again,
  };
}
