import { Duration } from "@menshen/domain";
import { type ConformityItem, conformityEndpoints, gateEndpoints, vendorEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer } from "../../testing/test-server.ts";

const server = await startTestServer();
const { clock } = server;
const DAY_MS = 86_400_000;

async function row(id: string): Promise<ConformityItem> {
  const { items } = await server.visitor().call(conformityEndpoints.read);
  const found = items.find((item) => item.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
}

test("a rule is kept since it was first looked at, broken while something here stands against it, kept anew after", async () => {
  const begun = clock.now();
  expect(await row("T1")).toMatchObject({ state: "kept", since: begun, breaches: 0 });

  const manager = await server.member("manager");
  const secure = await server.member("security");
  const until = new Date(begun + 30 * DAY_MS).toISOString().slice(0, 10);
  const page = {
    name: "安居",
    owner: "91330100MA27X0000X",
    beneficialOwner: "安居集团",
    contract: { number: "2026-017", from: "2020-01-01", until, clauses: "退出时返还或删除全部数据" },
    fees: "每年 48,000 元",
    adIncome: [],
    dataHeld: [],
    subProcessors: [],
    grade: { grade: "A" as const, evidence: "测评报告", until: "2099-01-01" },
    incidents: [],
  };
  const vendor = await manager.call(vendorEndpoints.create, { body: page });
  await secure.call(gateEndpoints.create, { body: { name: "西门", doorGroup: 2 } });
  expect(await row("T1")).toMatchObject({ state: "kept", since: begun, breaches: 0 });

  // The contract ended, and nobody said what holds now.
  clock.advance(Duration.ms(60 * DAY_MS));
  const over = clock.now();
  expect(await row("T1")).toMatchObject({ state: "broken", since: over, breaches: 1 });
  clock.advance(Duration.ms(DAY_MS));
  expect(await row("T1")).toMatchObject({ state: "broken", since: over, breaches: 1 });

  const later = await server.member("manager");
  await later.call(vendorEndpoints.update, {
    params: { id: vendor.id },
    body: { page: { ...page, contract: { ...page.contract, until: "2099-01-01" } }, revision: 1 },
  });
  expect(await row("T1")).toMatchObject({ state: "kept", since: clock.now(), breaches: 0 });
  expect(await row("X3")).toMatchObject({ state: "kept" });
  // What only tests speak for has no count.
  expect(await row("V1")).not.toHaveProperty("breaches");
});
