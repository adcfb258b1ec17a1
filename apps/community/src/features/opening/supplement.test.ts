import { parsePackageKeys, verifyPackage } from "@menshen/custody";
import { Duration } from "@menshen/domain";
import { custodianOpeningEndpoints, evidenceEndpoints, openingEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { HOUR, makeOpeningWorld } from "./testing/opening-world.ts";

// Entries of a gate that was offline arrive after the request for them.

const world = await makeOpeningWorld();
const { server, custodian } = world;
const reason = { code: "incident" } as const;
const advance = (ms: number) => server.clock.advance(Duration.ms(ms));

async function requestedAfterOne(change = {}) {
  advance(6 * HOUR);
  await world.pass(server.clock.now() - HOUR);
  const records = await world.records();
  const { id } = await world.requested(records, change);
  const params = { id };
  return {
    id,
    records,
    params,
    read: () => records.call(openingEndpoints.get, { params }),
    supplement: () => records.call(openingEndpoints.supplement, { params, reason }),
    refused: () => records.refused(openingEndpoints.supplement, { params, reason }),
  };
}
const standings = ({
  custodians,
}: {
  custodians: readonly { answeredCount: number; askedAgain?: boolean }[];
}) => custodians.map(({ answeredCount, askedAgain = false }) => [answeredCount, askedAgain]);

test("are taken in with a reason and a public leaf, and opened with the others; the package verifies", async () => {
  const { id, params, records, read, supplement } = await requestedAfterOne();
  expect(await supplement()).toMatchObject({ added: 0, opening: { entryCount: 1 } });
  await custodian(1).answer(id);
  const late = server.clock.now() - 2 * HOUR;
  await world.pass(late);
  await world.pass(late + 1, { accessPointId: world.site.points.houseIn });
  await world.pass(server.clock.now() - 5 * HOUR);
  expect(await records.refused(openingEndpoints.supplement, { params })).toMatchObject({
    code: "reason-required",
  });
  // The door and the hours are the request's own.
  expect(await supplement()).toMatchObject({ added: 1, opening: { entryCount: 2, state: "requested" } });
  expect(await supplement()).toMatchObject({ added: 0 });
  const query = { topic: "opening-supplemented" } as const;
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query });
  expect(items.map(({ statement }) => JSON.parse(statement))).toEqual([
    { topic: "opening-supplemented", at: server.clock.now(), path: "ordinary", entries: 1 },
  ]);

  // Who has answered is asked again; answers that were given count on.
  expect(standings(await read())).toEqual([
    [1, true],
    [0, false],
    [0, false],
  ]);
  expect(await custodian(2).answer(id)).toMatchObject({ counted: 2, state: "requested" });
  expect(await custodian(1).answer(id)).toMatchObject({ counted: 1, state: "answered" });
  expect(standings(await read())).toEqual([
    [2, false],
    [2, false],
    [0, false],
  ]);
  // Custodians' programs answer for all entries again; nobody's answer was bad.
  expect((await read()).custodians.map(({ rejectedCount }) => rejectedCount)).toEqual([0, 0, 0]);
  const opened = await records.call(openingEndpoints.handOver, { params, reason });
  const verdict = verifyPackage(
    opened.package,
    parsePackageKeys(await server.visitor().call(openingEndpoints.keys)),
  );
  if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
  expect(verdict.entries.map(({ earliest }) => earliest)).toContain(late);
  expect(verdict.entries).toHaveLength(2);
});

test("are refused once the request has ended or its deadline is over, and beyond its cap", async () => {
  const capped = await requestedAfterOne({ entryCap: 1 });
  await world.pass(server.clock.now() - 2 * HOUR);
  expect(await capped.refused()).toMatchObject({ code: "conflict" });
  expect((await capped.read()).entryCount).toBe(1);

  const ended = await requestedAfterOne();
  for (const index of [1, 3]) await custodian(index).answer(ended.id);
  expect((await ended.read()).state).toBe("answered");
  await world.pass(server.clock.now() - 2 * HOUR);
  expect((await ended.refused()).detail).toContain("has ended");

  const over = await requestedAfterOne({ deadline: server.clock.now() + 8 * HOUR });
  advance(3 * HOUR);
  over.records.cookie = (await world.records()).cookie;
  expect((await over.refused()).detail).toContain("has ended");
});

test("one who refused is not asked again", async () => {
  const { id, params, read, supplement } = await requestedAfterOne();
  const body = { reason: "document-doubtful" } as const;
  await custodian(2).ask(custodianOpeningEndpoints.refuse, { params, body });
  await custodian(1).answer(id);
  await world.pass(server.clock.now() - 2 * HOUR);
  await supplement();
  expect((await read()).custodians.map(({ refused, askedAgain }) => [refused, askedAgain])).toEqual([
    [undefined, true],
    ["document-doubtful", undefined],
    [undefined, undefined],
  ]);
});
