import { expect, test } from "vitest";
import { changedFields } from "./changed-fields.ts";

test("only what differs is kept, on both sides", () => {
  expect(changedFields({ name: "a", areaId: "1", x: [1] }, { name: "b", areaId: "1", x: [1, 2] })).toEqual({
    before: { name: "a", x: [1] },
    after: { name: "b", x: [1, 2] },
  });
});

test("a field that came or went stands on one side", () => {
  expect(changedFields({ until: 5 }, { from: 3, until: undefined })).toEqual({
    before: { until: 5 },
    after: { from: 3 },
  });
});

test("a record that was made or removed has one side", () => {
  expect(changedFields(undefined, { name: "a" })).toEqual({ after: { name: "a" } });
  expect(changedFields({ name: "a" }, undefined)).toEqual({ before: { name: "a" } });
  expect(changedFields(undefined, undefined)).toEqual({});
});

test("personal fields are named, their values are not kept", () => {
  expect(changedFields({ displayName: "李" }, { displayName: "王" }, ["displayName"])).toEqual({
    before: { displayName: "(changed)" },
    after: { displayName: "(changed)" },
  });
  expect(changedFields({ displayName: "李" }, { displayName: "李" }, ["displayName"])).toEqual({
    before: {},
    after: {},
  });
});
