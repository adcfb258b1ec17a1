import { sha256 } from "@menshen/crypto";
import { type LogVerifyKeys, logVerifyKeysOf } from "@menshen/evidence";
import { evidenceEndpoints, type LogDescription } from "@menshen/wire";
import { useCallback, useEffect, useState } from "react";
import { isOtherLog, type LogMemory, readMemory, writeMemory } from "./log-memory.ts";
import { readCheckpoint, type ShownCheckpoint } from "./read-log.ts";

export interface LogState {
  /** What this browser remembers; from the first visit on. */
  readonly memory: LogMemory | undefined;
  readonly keys: LogVerifyKeys | undefined;
  readonly checkpoint: ShownCheckpoint | undefined;
  /** The server describes another log than this browser knows. */
  readonly isOther: boolean;
  /** The server could not be reached, or has no checkpoint yet. */
  readonly isUnreachable: boolean;
  readonly remember: (memory: LogMemory) => void;
  readonly again: () => void;
}

/** The log as it is shown now, beside what this browser saw before. */
export function useLog(): LogState {
  const [memory, setMemory] = useState<LogMemory>();
  const [checkpoint, setCheckpoint] = useState<ShownCheckpoint>();
  const [isOther, setIsOther] = useState(false);
  const [isUnreachable, setIsUnreachable] = useState(false);
  const [keys, setKeys] = useState<LogVerifyKeys>();
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const remember = useCallback((next: LogMemory) => {
    writeMemory(next);
    setMemory(next);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` reads again.
  useEffect(() => {
    let isGone = false;
    const read = async () => {
      const shown = await describe();
      const known = readMemory();
      const next = known ?? { log: shown, topics: {} };
      if (known === undefined) writeMemory(next);
      const used = logVerifyKeysOf({ sha256 }, next.log);
      const now = used === undefined ? undefined : await readCheckpoint(used);
      if (isGone) return;
      setMemory(next);
      setKeys(used);
      setIsOther(isOtherLog(next.log, shown));
      setCheckpoint(now);
      setIsUnreachable(false);
    };
    read().catch(() => {
      if (!isGone) setIsUnreachable(true);
    });
    return () => {
      isGone = true;
    };
  }, [turn]);
  return { memory, keys, checkpoint, isOther, isUnreachable, remember, again };
}

async function describe(): Promise<LogDescription> {
  const response = await fetch(evidenceEndpoints.log.path, { cache: "no-cache" });
  if (!response.ok) throw new Error("no description of the log");
  return response.json();
}
