import { SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import * as wire from "@menshen/wire";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { lateSerializers } from "./late-serializers.ts";

const answerOf = (schema: unknown) =>
  lateSerializers({}, {})({ method: "GET", url: "/", httpStatus: "200", schema });

describe("what writes answers", () => {
  it("leaves out what the route's schema does not name, at its first answer and afterwards", async () => {
    const app = Fastify({ schemaController: { compilersFactory: { buildSerializer: lateSerializers } } });
    const response = { 200: { type: "object", properties: { name: { type: "string" } } } };
    app.get("/", { schema: { response } }, async () => ({ name: "gate", secret: "key" }));
    for (const _ of ["first", "second"]) {
      expect((await app.inject({ url: "/" })).body).toBe('{"name":"gate"}');
    }
    await app.close();
  });

  it("is not made before its route answers, nor twice", () => {
    let reads = 0;
    const schema = {
      get type() {
        reads += 1;
        return "null";
      },
    };
    const write = answerOf(schema);
    expect(reads).toBe(0);
    expect(write(null)).toBe("null");
    const first = reads;
    expect(first).toBeGreaterThan(0);
    write(null);
    expect(reads).toBe(first);
  });

  // A server that starts no longer says so.
  it("can be made of the schema of every route", () => {
    const atOnce = SerializerSelector()({}, {});
    const make = (schema: unknown) => atOnce({ method: "GET", url: "/", httpStatus: "200", schema });
    expect(() => make({ type: "object", required: "name" })).toThrow();
    const endpoints = Object.entries(wire)
      .filter(([name]) => name.endsWith("Endpoints"))
      .flatMap(([, group]) => Object.values(group as Record<string, { response?: object }>));
    expect(endpoints.length).toBeGreaterThan(100);
    for (const { response } of endpoints) if (response !== undefined) make(response);
  });
});
