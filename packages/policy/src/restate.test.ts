import { CredentialKey } from "@menshen/domain";
import { loadScenarioTables } from "@menshen/testkit/scenarios";
import { expect, test } from "vitest";
import {
  type CommunityModel,
  type CredentialStatus,
  compileSnapshot,
  restateCredentials,
  type SnapshotDocument,
} from "./index.ts";

const tables = loadScenarioTables();

test.each(tables)("gives what compiling again would give: $name", (table) => {
  const { model } = table;
  const compile = (
    changed: CommunityModel,
    version: number,
    gateId: Parameters<typeof compileSnapshot>[1]["gateId"],
  ) =>
    compileSnapshot(changed, {
      ...table,
      gateId,
      version,
      verdict: { accepted: true, violations: [], alarms: [], model: changed, waivers: [] },
    }).document;
  const statuses: readonly CredentialStatus[] = ["lost", "active", "blocked"];
  const credentials = model.credentials.map((credential, index) => ({
    ...credential,
    status: statuses[index % 3] ?? "lost",
  }));
  for (const gateId of new Set(model.portals.map((portal) => portal.gateId))) {
    const before: SnapshotDocument = compile(model, 4, gateId);
    const after = compile({ ...model, credentials }, 9, gateId);
    expect(restateCredentials(before, 9, credentials)).toStrictEqual(after);
  }
});

test("leaves the document it came from as it was, and out what it does not hold", () => {
  const [table] = tables;
  const gateId = table?.model.portals[0]?.gateId;
  if (table === undefined || gateId === undefined) throw new Error("no scenario table");
  const before = compileSnapshot(table.model, { ...table, gateId, version: 1 }).document;
  const copy = structuredClone(before);
  const unknown = { key: CredentialKey(new Uint8Array(16)), status: "blocked" } as const;
  expect(restateCredentials(before, 2, [unknown])).toStrictEqual({ ...before, version: 2 });
  restateCredentials(
    before,
    2,
    table.model.credentials.map(({ key }) => ({ key, status: "lost" })),
  );
  expect(before).toStrictEqual(copy);
  for (const version of [1, 0, 2.5]) {
    expect(() => restateCredentials(before, version, [])).toThrow(
      expect.objectContaining({ code: "invalid-version" }),
    );
  }
});
