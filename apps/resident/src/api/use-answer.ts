import { useCallback, useEffect, useState } from "react";
import { useOwned } from "../device/device-context.tsx";
import { ApiError } from "./client.ts";
import { withSession } from "./session.ts";

/** An answer, or the last one that this device remembers, or why there is none. */
export interface Answer<T> {
  readonly value: T | undefined;
  /** The value is from an earlier visit. */
  readonly isOld: boolean;
  /** The server's code, `unreachable`; undefined while it is being asked and when it answered. */
  readonly failure: string | undefined;
  readonly isAsking: boolean;
  readonly again: () => void;
}

/**
 * Asks the server for something of one's own and remembers the answer on this device, so that it is there without a
 * network.
 *
 * @param name under which it is remembered
 * @param ask must stay the same function
 * @param isSteady it hardly ever changes: what is remembered stands there at once, until the server says otherwise
 */
export function useAnswer<T>(name: string, ask: () => Promise<T>, isSteady = false): Answer<T> {
  const { store, owner } = useOwned();
  const [state, setState] = useState<Omit<Answer<T>, "again">>({
    value: undefined,
    isOld: false,
    failure: undefined,
    isAsking: true,
  });
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((before) => before + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` asks again.
  useEffect(() => {
    let isGone = false;
    const put = (next: Omit<Answer<T>, "again">) => {
      if (!isGone) setState(next);
    };
    setState((before) => ({ ...before, failure: undefined, isAsking: true }));
    if (isSteady) {
      store.remembered(name).then(
        (known) => {
          if (isGone) return;
          // Remembered by the lines below, so of this type. Whatever was answered meanwhile is newer.
          setState((before) =>
            before.isAsking && before.value === undefined ? { ...before, value: known as T } : before,
          );
        },
        () => {
          // The server is asked all the same.
        },
      );
    }
    withSession(owner, ask)
      .then(async (value) => {
        put({ value, isOld: false, failure: undefined, isAsking: false });
        await store.remember(name, value);
      })
      .catch(async (error: unknown) => {
        const failure = error instanceof ApiError ? error.code : "internal";
        // Remembered by the lines above, so of this type.
        const value = (await store.remembered(name)) as T | undefined;
        put({ value, isOld: true, failure, isAsking: false });
      });
    return () => {
      isGone = true;
    };
  }, [store, owner, name, ask, turn, isSteady]);
  return { ...state, again };
}
