import { describe, expect, it } from "vitest";
import { findUnsynced, parseTrace } from "./system-calls.ts";

const TRACE = [
  String.raw`10 5.000001 pwrite64(3<\x2f\x61\x2d\x77\x61\x6c>, "\x01\x02\x03", 3, 0) = 3`,
  String.raw`10 5.000002 fdatasync(3<\x2f\x61\x2d\x77\x61\x6c> <unfinished ...>`,
  "11 5.000003 read(9<TCP:[127.0.0.1:5->127.0.0.1:6]>,  <unfinished ...>",
  "10 5.000004 <... fdatasync resumed>) = 0",
  String.raw`11 5.000005 <... read resumed>"\xaa\xbb", 65536) = 2`,
  String.raw`12 5.000006 writev(20<UNIX-STREAM:[1->2]>, [{iov_base="\x53", iov_len=1}, {iov_base="\x00\x68", iov_len=2}], 2) = 3`,
  "12 5.000007 +++ exited with 0 +++",
].join("\n");

const claim = (toldLine: number | undefined) => ({
  what: "entry 1",
  isRecord: ({ name, data }: { name: string; data: Uint8Array }) => name === "pwrite64" && data.includes(2),
  isRecordFile: (file: string) => file.endsWith("-wal"),
  toldLine,
});

describe("a trace of system calls", () => {
  it("is read with its interrupted calls put together", () => {
    expect(
      parseTrace(TRACE).map(({ pid, name, file, data, result, beganLine, endedLine }) => ({
        pid,
        name,
        file,
        data: Buffer.from(data).toString("hex"),
        result,
        lines: [beganLine, endedLine],
      })),
    ).toEqual([
      { pid: 10, name: "pwrite64", file: "/a-wal", data: "010203", result: 3, lines: [0, 0] },
      { pid: 10, name: "fdatasync", file: "/a-wal", data: "", result: 0, lines: [1, 3] },
      {
        pid: 11,
        name: "read",
        file: "TCP:[127.0.0.1:5->127.0.0.1:6]",
        data: "aabb",
        result: 2,
        lines: [2, 4],
      },
      { pid: 12, name: "writev", file: "UNIX-STREAM:[1->2]", data: "530068", result: 3, lines: [5, 5] },
    ]);
  });

  it("proves nothing when bytes were cut short", () => {
    expect(() => parseTrace(String.raw`10 5.1 write(3<\x2f\x61>, "\x01"..., 3) = 3`)).toThrow("cut");
  });

  it("shows a record that was synced before it was told", () => {
    expect(findUnsynced(parseTrace(TRACE), [claim(5)])).toEqual([]);
  });

  it.each([
    ["the sync is missing", TRACE.replaceAll("fdatasync", "fdatasink"), 5, "told before it was synced"],
    [
      "the sync failed",
      TRACE.replace("fdatasync resumed>) = 0", "fdatasync resumed>) = -1 EIO (x)"),
      5,
      "told before it was synced",
    ],
    ["the sync had not returned", TRACE, 2, "told before it was synced"],
    [
      "another file was synced",
      TRACE.replace(String.raw`fdatasync(3<\x2f\x61`, String.raw`fdatasync(3<\x2f\x62`),
      5,
      "told before it was synced",
    ],
    ["it was told first", TRACE, 0, "told before it was written"],
    ["it was never written", TRACE.replace("pwrite64", "pread64"), 5, "no write carries it"],
    ["nobody was told", TRACE, undefined, "nobody was told"],
  ])("finds it when %s", (_, trace, toldLine, finding) => {
    expect(findUnsynced(parseTrace(trace), [claim(toldLine)])).toEqual([`entry 1: ${finding}`]);
  });
});
