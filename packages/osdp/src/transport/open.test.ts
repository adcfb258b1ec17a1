import { describe, expect, test } from "vitest";
import { OsdpError } from "../osdp-error.ts";
import { openTransport, parseWhere, type Where } from "./open.ts";

describe("the name of a line", () => {
  test.each<readonly [string, Where]>([
    ["/dev/ttyUSB0", { kind: "serial", path: "/dev/ttyUSB0" }],
    ["./pty", { kind: "serial", path: "./pty" }],
    ["COM3", { kind: "serial", path: "COM3" }],
    ["tcp:localhost:9000", { kind: "tcp", host: "localhost", port: 9_000 }],
    ["tcp:[::1]:9000", { kind: "tcp", host: "::1", port: 9_000 }],
    ["tcp-listen:127.0.0.1:0", { kind: "tcp-listen", host: "127.0.0.1", port: 0 }],
    ["unix:/tmp/reader.sock", { kind: "unix", path: "/tmp/reader.sock" }],
    ["unix:a:b", { kind: "unix", path: "a:b" }],
    ["unix-listen:reader.sock", { kind: "unix-listen", path: "reader.sock" }],
  ])("%s", (where, parsed) => {
    expect(parseWhere(where)).toEqual(parsed);
  });

  test.each([
    "",
    "tcp:",
    "tcp:localhost",
    "tcp:localhost:",
    "tcp:localhost:port",
    "tcp:localhost:65536",
    "tcp:localhost:-1",
    "tcp::9000",
    "tcp:::1:9000",
    "tcp:[::1:9000",
    "unix:",
    `unix:/${"x".repeat(100)}`,
    "udp:localhost:9000",
    "unix-lisen:/tmp/x",
    "/dev/tty\0USB0",
  ])("`%s` is refused", async (where) => {
    expect(() => parseWhere(where)).toThrow(OsdpError);
    await expect(openTransport(where)).rejects.toMatchObject({ code: "invalid-where" });
  });
});
