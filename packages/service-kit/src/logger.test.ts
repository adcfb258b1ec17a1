import { expect, it } from "vitest";
import { type LogFields, makeLogger } from "./logger.ts";

function capture(level: "info" | "debug" = "info") {
  const lines: string[] = [];
  const logger = makeLogger({ app: "test", level, destination: { write: (line) => lines.push(line) } });
  return { logger, lines };
}

it("writes one line of JSON with the fields that are allowed", () => {
  const { logger, lines } = capture();
  logger.warn({ gateId: "g", count: 3, durationMs: 1.5 }, "it happened");
  const { time, ...line } = JSON.parse(lines[0] ?? "");
  expect(line).toEqual({
    level: "warn",
    app: "test",
    gateId: "g",
    count: 3,
    durationMs: 1.5,
    msg: "it happened",
  });
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
});

it("drops every field that is not on the list, at every depth", () => {
  const { logger, lines } = capture();
  const careless = {
    name: "王小明",
    phone: "13800000000",
    gateId: { phone: "13800000000" },
    constructor: "13800000000",
    code: "ok",
  };
  logger.info(careless as unknown as LogFields, "careless");
  expect(lines[0]).not.toContain("13800000000");
  expect(lines[0]).not.toContain("王小明");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ code: "ok", msg: "careless" });
});

it("says where an error came from, not what it said", () => {
  const { logger, lines } = capture();
  const cause = Object.assign(new Error("Key (phone)=(13800000000) already exists"), { code: "23505" });
  logger.error({ error: new TypeError("no such person: 王小明", { cause }) }, "failed");
  expect(lines[0]).not.toMatch(/13800000000|王小明/);
  const { error } = JSON.parse(lines[0] ?? "");
  expect(error).toMatchObject({ name: "TypeError", cause: { name: "Error", code: "23505" } });
  expect(error.at[0]).toContain("logger.test.ts");
});

it("keeps causes that go round in circles short", () => {
  const { logger, lines } = capture();
  const error = new Error("round");
  error.cause = error;
  logger.error({ error }, "round");
  logger.error({ error: "text" }, "not an error");
  expect(lines).toHaveLength(2);
});

it("leaves out what is below its level", () => {
  const { logger, lines } = capture();
  logger.debug({}, "quiet");
  expect(lines).toEqual([]);
  const loud = capture("debug");
  loud.logger.debug({}, "loud");
  expect(loud.lines).toHaveLength(1);
});
