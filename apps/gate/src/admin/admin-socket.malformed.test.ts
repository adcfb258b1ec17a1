import { expect, test } from "vitest";
import { parseAdminRequest } from "./admin-socket.ts";

test.each([
  ["nothing", ""],
  ["no JSON", "status"],
  ["cut short", '{"request":"status"'],
  ["a list", '["status"]'],
  ["an unknown request", '{"request":"open"}'],
  ["a value too many", '{"request":"status","force":true}'],
  ["a value that is missing", '{"request":"reset-fire"}'],
  ["minutes beyond the limit", '{"request":"open-install-window","readerId":"x","minutes":16}'],
  ["minutes of another kind", '{"request":"open-install-window","readerId":"x","minutes":"5"}'],
  ["a code that is too long", `{"request":"enrol","code":"${"A".repeat(65)}"}`],
  ["a line without end", `{"request":"status","x":"${"A".repeat(10_000)}"}`],
])("refuses %s", (_name, line) => {
  expect(() => parseAdminRequest(line)).toThrow(expect.objectContaining({ code: "request-invalid" }));
});

test("takes each request as it is documented", () => {
  const lines = [
    '{"request":"status"}',
    '{"request":"self-test"}',
    '{"request":"enrol","code":"KRSXG5CTMVRXEZLU-MFRGGZDFMZTWQ2LK"}',
    '{"request":"open-install-window","readerId":"dddddddd-0000-4000-8000-000000000001","minutes":10}',
    '{"request":"reset-fire","portalId":"bbbbbbbb-0000-4000-8000-000000000001"}',
  ];
  expect(lines.map((line) => parseAdminRequest(line).request)).toEqual([
    "status",
    "self-test",
    "enrol",
    "open-install-window",
    "reset-fire",
  ]);
});
