import { expect, test } from "vitest";
import * as http from "./index.ts";

/** Names of fields in a schema, however deep. */
function fieldNames(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const properties: unknown = Reflect.get(schema, "properties");
  const own = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return [...own, ...Object.values(schema).flatMap(fieldNames)];
}

/** Pictures of cards that are for sale, as staff saw them offered: of goods, not of people. */
function ofGoods(operation: unknown, name: string): boolean {
  return Reflect.get(Object(operation), "tag") === "market" && ["photo", "hasPhoto"].includes(name);
}

test("A4 (PIPL 10; BIPA 15(c)): no operation of the server takes or gives a face, an image of one or its features", () => {
  const groups = Object.entries(http).filter(([name]) => name.endsWith("Endpoints"));
  const operations = groups.flatMap(([, group]) => Object.values(Object(group)));
  expect(operations.length).toBeGreaterThan(200);
  const wrong = operations.flatMap((operation) =>
    fieldNames(operation).filter(
      (name) => /face|template|biometric|photo|embedding/i.test(name) && !ofGoods(operation, name),
    ),
  );
  expect(wrong).toEqual([]);
});
