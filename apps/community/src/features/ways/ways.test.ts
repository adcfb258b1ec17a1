import {
  credentialEndpoints,
  personEndpoints,
  residentEndpoints,
  residentWaysEndpoints,
  wayTexts,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { joinResident, type TestResident } from "../../testing/test-resident.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { operate } = site;
const resident = await joinResident(server, operate, site.resident.personId);
const { community } = await server.visitor().call(residentEndpoints.session);
const reason = { code: "resident-request" } as const;

const ways = async (of: TestResident = resident) => of.client.call(residentWaysEndpoints.list);
const stateOf = async (id: string) => (await operate.call(credentialEndpoints.get, { params: { id } })).state;

async function newCard(identifier: string): Promise<string> {
  const { credential } = await operate.call(credentialEndpoints.enrol, {
    body: { kind: "desfire", identifier, personId: resident.personId },
  });
  return credential.id;
}

const loss = (id: string, by: TestResident = resident) => ({
  params: { id },
  body: { signature: by.sign(wayTexts.lose(community.id, id)) },
});

async function draw(by: TestResident = resident) {
  const { challenge } = await by.client.call(residentEndpoints.challenge, {
    body: { authKey: by.keys.authKey },
  });
  return { challenge, signature: by.sign(wayTexts.drawPin(community.id, challenge)) };
}

test("a card that its holder lost opens nothing any more, and stays lost", async () => {
  const id = await newCard("04d1d1d1d1d1d1");
  expect((await ways()).items.find((way) => way.id === id)).toMatchObject({ state: "active", mayLose: true });
  await resident.client.call(residentWaysEndpoints.lose, loss(id));
  expect(await stateOf(id)).toBe("lost");
  expect((await ways()).items.find((way) => way.id === id)).toMatchObject({ state: "lost", mayLose: false });
  await resident.client.call(residentWaysEndpoints.lose, loss(id));
  expect(await stateOf(id)).toBe("lost");
  // Whoever has it before their eyes finds it again.
  await operate.call(credentialEndpoints.unblock, { params: { id }, reason });
  expect(await stateOf(id)).toBe("active");
});

test("nobody loses another's card, nor by a session alone", async () => {
  const id = await newCard("04d1d1d1d1d1d2");
  const residency = { role: "tenant" as const, dwellingId: site.dwellingIds[1] };
  const person = await operate.call(personEndpoints.create, { body: { displayName: "邻居", residency } });
  const other = await joinResident(server, operate, person.id);
  const lose = residentWaysEndpoints.lose;
  expect(await other.client.refused(lose, loss(id, other))).toMatchObject({ code: "not-found" });
  expect((await ways(other)).items.map((way) => way.id)).not.toContain(id);
  const forged = { params: { id }, body: { signature: other.sign(wayTexts.lose(community.id, id)) } };
  expect(await resident.client.refused(lose, forged)).toMatchObject({ code: "key-refused" });
  expect(await server.visitor().refused(lose, loss(id))).toMatchObject({ code: "not-signed-in" });
  expect(await stateOf(id)).toBe("active");
});

test("a PIN is drawn in the place of the one before, once for each signature", async () => {
  const body = await draw();
  const first = await resident.client.call(residentWaysEndpoints.drawPin, { body });
  expect([first.pin, first.duressPin]).toEqual([
    expect.stringMatching(/^\d{8}$/),
    expect.stringMatching(/^\d{8}$/),
  ]);
  const pins = async () => (await ways()).items.filter(({ kind }) => kind === "pin");
  const [before] = await pins();
  expect(before).toMatchObject({ state: "active", mayLose: false });
  expect(JSON.stringify(await ways())).not.toContain(first.pin);
  expect(await resident.client.refused(residentWaysEndpoints.drawPin, { body })).toMatchObject({
    code: "key-refused",
  });
  const second = await resident.client.call(residentWaysEndpoints.drawPin, { body: await draw() });
  expect(second.pin).not.toBe(first.pin);
  expect(await pins()).toHaveLength(1);
  expect(await stateOf(before?.id ?? "")).toBe("replaced");
  expect(
    await resident.client.refused(residentWaysEndpoints.lose, loss((await pins())[0]?.id ?? "")),
  ).toMatchObject({
    code: "conflict",
  });
});

test("a PIN that another key signed for is not drawn, nor one after the other without end", async () => {
  const { challenge } = await draw();
  const signature = "ab".repeat(64);
  const forged = { body: { challenge, signature } };
  expect(await resident.client.refused(residentWaysEndpoints.drawPin, forged)).toMatchObject({
    code: "key-refused",
  });
  await resident.client.call(residentWaysEndpoints.drawPin, { body: await draw() });
  const late = await draw();
  expect(await resident.client.refused(residentWaysEndpoints.drawPin, { body: late })).toMatchObject({
    code: "rate-limited",
  });
});
