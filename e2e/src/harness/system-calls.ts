/** One system call of a trace: which of its effects came first is told by line numbers, not by clocks. */
export interface SystemCall {
  readonly pid: number;
  readonly name: string;
  /** What the first argument's file descriptor stands for: a path, or a socket as strace names it. */
  readonly file: string;
  /** All bytes that the call moved, of every buffer one after the other. */
  readonly data: Uint8Array;
  /** What it returned; undefined for a call that the trace does not see ending. */
  readonly result: number | undefined;
  /** Unix milliseconds at which it began. */
  readonly beganMs: number;
  /** Line at which it began, and at which it had returned. A call in one piece has one line. */
  readonly beganLine: number;
  readonly endedLine: number;
}

const LINE = /^(\d+)\s+(\d+\.\d+)\s+(.*)$/;
const UNFINISHED = " <unfinished ...>";
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)$/;
const CALL = /^(\w+)\((.*)$/;
const RESULT = /\)\s+=\s+(-?\d+)[^)]*$/;
const FIRST_FILE = /^\d+<((?:->|[^<>])*)>/;
const QUOTED = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g;

interface Beginning {
  readonly text: string;
  readonly beganMs: number;
  readonly beganLine: number;
}

/**
 * Reads what `strace -f -ttt -xx -yy` wrote, calls that were interrupted by others put together again. The order is
 * that of their beginnings.
 *
 * @throws {Error} for a call whose bytes were cut short: such a trace proves nothing
 */
export function parseTrace(trace: string): readonly SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, Beginning>();
  for (const [line, text] of trace.split("\n").entries()) {
    const [, pidText, seconds, rest] = text.match(LINE) ?? [];
    if (pidText === undefined || seconds === undefined || rest === undefined) continue;
    const pid = Number(pidText);
    const resumed = rest.match(RESUMED);
    if (resumed !== null) {
      const key = `${pid} ${resumed[1]}`;
      const beginning = open.get(key);
      open.delete(key);
      if (beginning === undefined) continue;
      const call = readCall(
        pid,
        beginning.text + (resumed[2] ?? ""),
        beginning.beganMs,
        beginning.beganLine,
        line,
      );
      if (call !== undefined) calls.push(call);
      continue;
    }
    const beganMs = Number(seconds) * 1_000;
    if (rest.endsWith(UNFINISHED)) {
      const begun = rest.slice(0, -UNFINISHED.length);
      open.set(`${pid} ${begun.match(CALL)?.[1] ?? ""}`, { text: begun, beganMs, beganLine: line });
      continue;
    }
    const call = readCall(pid, rest, beganMs, line, line);
    if (call !== undefined) calls.push(call);
  }
  return calls.sort((a, b) => a.beganLine - b.beganLine);
}

function readCall(
  pid: number,
  text: string,
  beganMs: number,
  beganLine: number,
  endedLine: number,
): SystemCall | undefined {
  const [, name, inner] = text.match(CALL) ?? [];
  if (name === undefined || inner === undefined) return undefined;
  const result = inner.match(RESULT)?.[1];
  const file = decodeEscapes(inner.match(FIRST_FILE)?.[1] ?? "");
  const parts: string[] = [];
  for (const [, bytes = "", cut] of inner.matchAll(QUOTED)) {
    if (cut !== undefined) throw new Error(`strace cut the bytes of a ${name} short`);
    parts.push(bytes.replaceAll("\\x", ""));
  }
  return {
    pid,
    name,
    file,
    data: new Uint8Array(Buffer.from(parts.join(""), "hex")),
    result: result === undefined ? undefined : Number(result),
    beganMs,
    beganLine,
    endedLine,
  };
}

function decodeEscapes(text: string): string {
  return text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Whether the bytes stand in the other bytes, in one piece. */
export function contains(data: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(Buffer.from(part));
}

/** What must hold of one record: it is written, synced, and only then told to the outside. */
export interface DurabilityClaim {
  /** For the finding. */
  readonly what: string;
  /** A write that carries the record to its file. */
  readonly isRecord: (call: SystemCall) => boolean;
  /** Whether this file holds records: what must be synced. */
  readonly isRecordFile: (file: string) => boolean;
  /** Line of the first call that tells the outside; undefined if nothing did. */
  readonly toldLine: number | undefined;
}

const SYNCS: ReadonlySet<string> = new Set(["fsync", "fdatasync"]);

/**
 * Finds records that were told before they were safe. Safe is: the write had returned, then a sync of its file began,
 * which returned without an error before the telling began. Each finding is a sentence; none means all is well.
 */
export function findUnsynced(calls: readonly SystemCall[], claims: readonly DurabilityClaim[]): string[] {
  const findings: string[] = [];
  for (const { what, isRecord, isRecordFile, toldLine } of claims) {
    const record = calls.find((call) => isRecordFile(call.file) && isRecord(call));
    if (record === undefined) findings.push(`${what}: no write carries it`);
    else if (toldLine === undefined) findings.push(`${what}: nobody was told`);
    else if (toldLine <= record.endedLine) findings.push(`${what}: told before it was written`);
    else {
      const isSafe = calls.some(
        (call) =>
          SYNCS.has(call.name) &&
          call.file === record.file &&
          call.result === 0 &&
          call.beganLine > record.endedLine &&
          call.endedLine < toldLine,
      );
      if (!isSafe) findings.push(`${what}: told before it was synced`);
    }
  }
  return findings;
}
