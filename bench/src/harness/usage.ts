import { readdirSync, readFileSync } from "node:fs";

/** Linux counts processor time in ticks of 10 ms (`getconf CLK_TCK` is 100 on every platform that Node runs on). */
const TICKS_PER_SECOND = 100;

/** /proc/PID/stat after the name, which may hold spaces: state, parent, … (proc_pid_stat(5)). */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** Seconds of processor time of a process; of its children only those that have ended. */
export function cpuSecondsOf(pid: number): number {
  const stat = statOf(pid);
  if (stat === undefined) return 0;
  return stat.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((candidate) => Number.isInteger(candidate) && Number(statOf(candidate)?.[1]) === pid);
}

/** Resident memory in bytes. */
export function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(line?.[1]) * 1_024;
}
