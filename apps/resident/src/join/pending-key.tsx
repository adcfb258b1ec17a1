import { useCallback, useEffect, useState } from "react";
import { ApiError } from "../api/client.ts";
import { signIn } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";
import { Loading, Problem } from "../layout/notices.tsx";

/** The connection broke while joining: asks whether the key was registered, and keeps or forgets it. */
export function PendingKey() {
  const { store, owner, setOwner } = useOwned();
  const [failure, setFailure] = useState<string>();

  const ask = useCallback(async () => {
    setFailure(undefined);
    try {
      await signIn(owner);
      const joined = { ...owner, isPending: false };
      await store.keepOwner(joined);
      setOwner(joined);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "key-refused") {
        return setFailure(error instanceof ApiError ? error.code : "device");
      }
      await store.dropOwner();
      setOwner(undefined);
    }
  }, [store, owner, setOwner]);

  useEffect(() => {
    void ask();
  }, [ask]);
  return failure === undefined ? <Loading /> : <Problem code={failure} onRetry={() => void ask()} />;
}
