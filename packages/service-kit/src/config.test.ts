import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Type from "typebox";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { exitCodeOf, ServiceError } from "./errors.ts";

const schema = Type.Object(
  {
    stateDir: Type.String({ minLength: 1 }),
    http: Type.Object(
      { port: Type.Integer({ minimum: 0, maximum: 65_535 }) },
      { additionalProperties: false },
    ),
    secret: Type.String({ minLength: 16 }),
  },
  { additionalProperties: false },
);

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "menshen-config-"));
  file = join(directory, "config.json");
});
afterEach(() => rmSync(directory, { recursive: true }));

function refusalOf(content: string): ServiceError {
  writeFileSync(file, content);
  try {
    loadConfig(schema, file);
  } catch (error) {
    if (error instanceof ServiceError) return error;
  }
  throw new Error("expected a refusal");
}

it("reads what fits its schema", () => {
  writeFileSync(file, '{ "stateDir": "/tmp/x", "http": { "port": 0 }, "secret": "0123456789abcdef" }');
  expect(loadConfig(schema, file)).toEqual({
    stateDir: "/tmp/x",
    http: { port: 0 },
    secret: "0123456789abcdef",
  });
});

it("names what is missing, wrong or unknown, and never its value", () => {
  const refusal = refusalOf('{ "http": { "port": 70000, "prot": 1 }, "secret": "hunter2" }');
  expect(refusal.code).toBe("config-invalid");
  for (const part of ["stateDir", "/http/port", "/http", "/secret"]) expect(refusal.message).toContain(part);
  expect(refusal.message).not.toContain("hunter2");
  expect(exitCodeOf(refusal)).toBe(78);
});

it("stops at a file that is not there or not JSON", () => {
  expect(() => loadConfig(schema, join(directory, "none.json"))).toThrowError(
    expect.objectContaining({ code: "config-unreadable" }),
  );
  expect(refusalOf("{").code).toBe("config-unreadable");
});

it("gives other failures the ordinary exit code", () => {
  expect(exitCodeOf(new ServiceError("already-running", "x"))).toBe(1);
  expect(exitCodeOf(new Error("x"))).toBe(1);
});
