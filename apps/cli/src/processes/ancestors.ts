import { readFileSync } from "node:fs";

/** One process and who started it. */
interface Link {
  readonly pid: number;
  readonly parent: number;
}

const POLL_MS = 500;
const HIGHEST_LINK = 6;

/**
 * Calls `onGone` once when whoever started this process has ended, however it ended: the parent, and under `npm start`
 * everything between npm and us, because npm's own shell may outlive it. The kernel gives an orphan another parent,
 * which is what is looked for twice a second.
 *
 * @returns how to stop looking
 */
export function watchAncestors(
  env: Readonly<Record<string, string | undefined>>,
  onGone: () => void,
): () => void {
  const first = process.ppid;
  // Whose parent is the first process of all was never anybody's child in this sense: a service.
  if (first <= 1) return () => undefined;
  const chain = env.npm_lifecycle_event === undefined ? [] : chainToNpm(first);
  const timer = setInterval(() => {
    if (process.ppid === first && chain.every(({ pid, parent }) => parentOf(pid) === parent)) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** From our parent up to npm; empty where processes cannot be looked at. */
function chainToNpm(first: number): readonly Link[] {
  const chain: Link[] = [];
  for (let pid = first; chain.length < HIGHEST_LINK; ) {
    const parent = parentOf(pid);
    if (parent === undefined || parent <= 1 || nameOf(pid).startsWith("npm")) return chain;
    chain.push({ pid, parent });
    pid = parent;
  }
  return [];
}

/** Fields of proc_pid_stat(5) behind the name, which stands in brackets and may hold anything. */
function statOf(pid: number): { readonly name: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const parent = Number(text.slice(end + 2).split(" ")[1]);
    return { name: text.slice(text.indexOf("(") + 1, end), parent };
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent;
}

function nameOf(pid: number): string {
  return statOf(pid)?.name ?? "";
}
