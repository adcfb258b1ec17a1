import { useState } from "react";
import { ApiError } from "../api/client.ts";
import { withSession } from "../api/session.ts";
import { useOwned } from "../device/device-context.tsx";

/** Sends one thing after the other, and says that it is under way, done, or why not. */
export function useDoing(after: () => void) {
  const { owner } = useOwned();
  const [isBusy, setIsBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState<string>();
  async function run(what: () => Promise<unknown>, done = "") {
    setIsBusy(true);
    setFailure(undefined);
    try {
      await withSession(owner, what);
      setSaid(done);
    } catch (error) {
      setFailure(error instanceof ApiError ? error.code : "device");
    }
    setIsBusy(false);
    after();
  }
  return {
    isBusy,
    said,
    failure,
    run: (what: () => Promise<unknown>, done?: string) => void run(what, done),
  };
}
