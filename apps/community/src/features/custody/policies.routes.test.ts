import { fromHex, toHex } from "@menshen/crypto/node";
import { endorseWitnessPolicy, parseCustodianSet, parseWitnessPolicy } from "@menshen/custody";
import { Duration, Instant } from "@menshen/domain";
import { formatVerifierKey } from "@menshen/evidence";
import {
  custodianEndpoints,
  custodyEndpoints,
  evidenceEndpoints,
  type TrailMessage,
  trailMessage,
  witnessEndpoints,
} from "@menshen/wire";
import { expect, test, vi } from "vitest";
import { connectGate } from "../../testing/test-journal.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";
import { startTestWitness, type TestWitness } from "../../testing/test-witness.ts";
import { BODIES, codeOf, makeCustodian, must, type TestCustodian } from "./custody.fixture.ts";

const nowSeconds = () => Math.floor(Date.now() / 1_000);
const city = await startTestWitness("city", nowSeconds);
const committee = await startTestWitness("committee", nowSeconds);
// Certificates are read by the machine's clock.
const server = await startTestServer(
  { evidence: { witnesses: [city.address], quorum: 1 } },
  Instant(Date.now()),
);
for (const witness of [city, committee]) witness.watch(server.evidenceLog.verifierKey);
await server.logRunner.settle();
const site = await buildSite(server);
const { gate } = await connectGate(server, site);
const { secure } = site;
const programs = [1, 2, 3, 4].map((fill) => makeCustodian(server, fill));
const [first, second, third, stranger] = programs;
if (!(first && second && third && stranger)) throw new Error("expected four programs");
const WHY = { reason: { code: "security" } } as const;
const keyOf = (witness: TestWitness) => formatVerifierKey(witness.address.key);
const list = () => secure.call(witnessEndpoints.list);

/** The trail document that the gate got last. */
function told(): TrailMessage {
  const received = gate.received.findLast(({ kind }) => kind === "trail");
  if (received === undefined) throw new Error("expected a trail document");
  return trailMessage.decode(gate.open(received));
}
const gateHears = async (changes: Partial<TrailMessage>) =>
  vi.waitFor(() => expect(told()).toMatchObject(changes), { timeout: 10_000, interval: 50 });

/** What a program sends to endorse the policy that waits. */
async function word({ ask, seed }: TestCustodian) {
  const { sets, waitingPolicy } = await must(ask(custodianEndpoints.standing));
  const set = parseCustodianSet(fromHex(sets.at(-1)?.encoded ?? ""));
  const policy = parseWitnessPolicy(fromHex(waitingPolicy?.encoded ?? ""));
  const { signature } = endorseWitnessPolicy({ set, policy, secretKey: seed });
  return { version: policy.version, signature: toHex(signature) };
}
const endorse = async (program: TestCustodian) =>
  must(program.ask(custodianEndpoints.endorsePolicy, { body: await word(program) }));

test("before there are custodians, gates are told of every change, and nothing waits", async () => {
  await gateHears({ witnesses: [keyOf(city)], quorum: 1 });
  const settings = { quorum: 0, residentsCount: false, revision: (await list()).settings.revision };
  const changed = await secure.call(witnessEndpoints.settings, { body: settings, ...WHY });
  await gateHears({ witnesses: [keyOf(city)], quorum: 0 });
  await secure.call(witnessEndpoints.settings, { body: { ...changed, quorum: 1 }, ...WHY });
  await gateHears({ quorum: 1 });
  expect((await list()).waiting).toBeUndefined();
});

test("custodians who are appointed have pinned what holds then: nothing waits for them", async () => {
  const members = [first, second, third].map(({ identityKey }, i) => ({
    body: BODIES[i] ?? "",
    identityKey,
  }));
  await secure.call(custodyEndpoints.appoint, { body: { threshold: 2, members }, ...WHY });
  expect((await list()).waiting).toBeUndefined();
  const standing = await must(first.ask(custodianEndpoints.standing));
  expect([standing.waitingPolicy, standing.witnessPolicy]).toEqual([undefined, undefined]);
});

test("a witness more that could sign in another's place waits for the custodians; gates go on as before", async () => {
  server.clock.advance(Duration.seconds(1));
  const { url } = committee.address;
  const body = { body: "committee", url, key: keyOf(committee) } as const;
  await secure.call(witnessEndpoints.add, { body, ...WHY });
  expect((await list()).waiting).toMatchObject({
    version: 4,
    proposedAt: server.clock.now(),
    threshold: 2,
    endorsedBy: [],
    missing: ["committee", "property", "city"],
    inForce: false,
  });
  await server.logRunner.settle();
  await gateHears({ witnesses: [keyOf(city)], quorum: 1 });
});

test("what waits is endorsed by custodians in office alone, with their own word for this very policy", async () => {
  const good = await word(first);
  expect(await codeOf(stranger.ask(custodianEndpoints.endorsePolicy, { body: good }))).toBe("key-refused");
  for (const [body, code] of [
    [{ ...good, version: good.version + 1 }, "conflict"],
    [{ ...good, signature: (await word(second)).signature }, "key-refused"],
    [{ ...good, signature: "00".repeat(64) }, "key-refused"],
  ] as const) {
    expect(await codeOf(first.ask(custodianEndpoints.endorsePolicy, { body }))).toBe(code);
  }
  await endorse(first);
  await endorse(first);
  expect((await list()).waiting).toMatchObject({
    endorsedBy: ["committee"],
    missing: ["property", "city"],
  });
  await gateHears({ witnesses: [keyOf(city)], quorum: 1 });
  expect(told().witnessPolicy).toBeUndefined();
});

test("with the threshold it goes to gates and programs with the custodians' word, public in the log", async () => {
  await endorse(third);
  expect((await list()).waiting).toBeUndefined();
  await gateHears({ witnesses: [keyOf(city), keyOf(committee)], quorum: 1 });
  const { witnessPolicy } = told();
  expect(witnessPolicy).toMatchObject({ setVersion: 1 });
  expect(witnessPolicy?.endorsements.map(({ index }) => index)).toEqual([1, 3]);
  const standing = await must(second.ask(custodianEndpoints.standing));
  expect(standing.waitingPolicy).toBeUndefined();
  expect(standing.witnessPolicy).toMatchObject({ version: 4, setVersion: 1 });
  const query = { topic: "witness-policy-endorsed" } as const;
  const { items } = await server.visitor().call(evidenceEndpoints.statements, { query });
  expect(items.map(({ statement }) => JSON.parse(statement))).toEqual([
    {
      at: server.clock.now(),
      topic: "witness-policy-endorsed",
      version: 4,
      logKey: server.evidenceLog.verifierKey,
      witnesses: [
        { body: "city", key: keyOf(city) },
        { body: "committee", key: keyOf(committee) },
      ],
      quorum: 1,
      setVersion: 1,
      endorsedBy: [1, 3],
    },
  ]);
});

test("what asks for no less goes to the gates at once, and still waits for the programs", async () => {
  server.clock.advance(Duration.seconds(1));
  const { settings } = await list();
  await secure.call(witnessEndpoints.settings, { body: { ...settings, quorum: 2 }, ...WHY });
  await gateHears({ witnesses: [keyOf(city), keyOf(committee)], quorum: 2 });
  expect((await list()).waiting).toMatchObject({ version: 5, inForce: true, endorsedBy: [] });
  // Taken back before anybody endorsed it: it asks for less again.
  const { settings: now } = await list();
  await secure.call(witnessEndpoints.settings, { body: { ...now, quorum: 1 }, ...WHY });
  expect((await list()).waiting).toMatchObject({ version: 6, inForce: false });
  await secure.call(witnessEndpoints.settings, {
    body: { ...(await list()).settings, quorum: 2 },
    ...WHY,
  });
  expect((await list()).waiting).toMatchObject({ version: 5, inForce: true });
});
