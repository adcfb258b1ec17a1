import { expect, test } from "vitest";
import { menshen, menshenHere } from "./testing/menshen.ts";

test.each([
  { args: ["--version"], code: 0, says: /^menshen \d+\.\d+\.\d+\n$/ },
  { args: [], code: 0, says: /reader probe WHERE/ },
  { args: ["reader", "--help"], code: 0, says: /reader emulate WHERE/ },
  { args: ["help", "card", "read"], code: 0, says: /--key N:HEX/ },
])("menshen $args answers on standard output", async ({ args, code, says }) => {
  const ended = await menshen(args).ended;
  expect(ended).toMatchObject({ code, stderr: "" });
  expect(ended.stdout).toMatch(says);
});

test.each([
  { args: ["frob"], code: 2, says: "unknown command `frob`" },
  { args: ["reader", "frob"], code: 2, says: "unknown command `reader frob`" },
  { args: ["reader", "probe"], code: 2, says: "missing WHERE" },
  { args: ["reader", "probe", "x", "y"], code: 2, says: "unexpected argument `y`" },
  { args: ["reader", "probe", "ftp:somewhere"], code: 2, says: "WHERE: expected a serial path" },
  {
    args: ["reader", "probe", "unix:/x", "--address", "200"],
    code: 2,
    says: "--address: expected a whole number",
  },
  {
    args: ["reader", "probe", "unix:/x", "--key", "12zz"],
    code: 2,
    says: "--key: expected 32 hexadecimal digits",
  },
  { args: ["reader", "monitor", "unix:/x", "--install"], code: 2, says: "--install needs a key" },
  { args: ["card", "emulate", "mifare", "unix:/x"], code: 2, says: "KIND: expected desfire, ntag424, uid" },
  { args: ["card", "emulate", "uid", "A Reader 00"], code: 2, says: "not on a PC/SC reader" },
  { args: ["gate"], code: 2, says: "missing --config FILE" },
  { args: ["gate", "--config", "/nonexistent"], code: 78, says: "there is no file `/nonexistent`" },
  { args: ["city"], code: 2, says: "missing --config FILE" },
  { args: ["city", "--config", "/nonexistent"], code: 78, says: "there is no file `/nonexistent`" },
])("menshen $args ends with $code", async ({ args, code, says }) => {
  // Some of them as shipped, so that a process of it ends with the same code.
  const ended = await (args[0] === "gate" ? menshen(args).ended : menshenHere(args));
  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).toContain(says);
});

test("a secret with a slip of the finger is not repeated", async () => {
  const { stderr } = await menshen(["reader", "probe", "unix:/x", "--key", "0011223344556677"]).ended;
  expect(stderr).not.toContain("0011223344556677");
});

test("speaks Chinese when the environment does, and JSON to programs", async () => {
  const chinese = await menshen(["city"], { LC_ALL: "", LANG: "zh_CN.UTF-8" }).ended;
  expect(chinese.stderr).toContain("缺少 --config FILE");
  const json = await menshen(["city", "--json"], { LC_ALL: "zh_CN.UTF-8" }).ended;
  expect(JSON.parse(json.stderr)).toMatchObject({
    error: { code: "usage", message: "missing --config FILE" },
  });
});
