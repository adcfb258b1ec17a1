import { useState } from "react";
import { Refused } from "./api.ts";
import { useTexts } from "./texts.ts";

/** Something that an officer does: runs one at a time, and says in words what was refused. */
export function useAct() {
  const t = useTexts();
  const [isBusy, setIsBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const act = (work: () => Promise<unknown>) => {
    if (isBusy) return;
    setIsBusy(true);
    setFault(undefined);
    work()
      .catch((error: unknown) => setFault(t.refused(error instanceof Refused ? error.code : "internal")))
      .finally(() => setIsBusy(false));
  };
  return { act, isBusy, fault };
}
