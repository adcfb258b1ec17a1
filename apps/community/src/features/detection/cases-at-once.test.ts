import { randomBytes } from "node:crypto";
import { caseEndpoints } from "@menshen/wire";
import { expect, test } from "vitest";
import { startTestServer, type TestClient } from "../../testing/test-server.ts";
import { type FoundCase, markExplained, storeCases } from "./case-intake.ts";

const ROUNDS = 30;
const MINUTE = 60_000;
const CREDENTIAL_BYTES = 24;

const server = await startTestServer();
const one = await server.member("manager");
const other = await server.member("security");

type Raised = FoundCase & { readonly id: string };

/** Suspicions of the engine, of cards that had none. */
async function raise(count: number): Promise<readonly Raised[]> {
  const raised = Array.from({ length: count }, () => suspicion("ask"));
  await storeCases(server.db, raised, server.clock.now());
  return Promise.all(
    raised.map(async ({ found, epoch }) => {
      const card = Buffer.from(found.credential, "hex");
      const { rows } = await server.pool.query("select id from detection_case where credential = $1", [card]);
      return { id: String(rows[0].id), found, epoch };
    }),
  );
}

function suspicion(step: "ask" | "replace", credential = randomBytes(CREDENTIAL_BYTES).toString("hex")) {
  const at = server.clock.now() - MINUTE;
  const found = { case: credential, credential, kind: "desfire", at, score: 12, probability: 0.7, signs: [] };
  return { found: { ...found, step }, epoch: 1 };
}

const put = (who: TestClient, id: string, into: string) =>
  who.ask(caseEndpoints.merge, { params: { id }, body: { into } });
const read = (id: string) => one.call(caseEndpoints.get, { params: { id } });

test("two cases that two persons put to each other at once: one is put, the other person is told so", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [a = "", b = ""] = (await raise(2)).map(({ id }) => id);
    const answers = await Promise.all([put(one, a, b), put(other, b, a)]);
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [[answer.status, answer.problem]]));
    expect(refused).toMatchObject([
      [409, { code: "conflict", detail: "the other case was put to this one meanwhile" }],
    ]);
    const [gone, kept] = answers[0].ok ? [a, b] : [b, a];
    expect(await read(gone)).toMatchObject({ mergedInto: kept, merged: [] });
    expect(await read(kept)).toMatchObject({ merged: [gone] });
    expect((await read(kept)).mergedInto).toBeUndefined();
    // Nothing of the refused one was written down.
    expect((await read(kept)).history.map(({ what }) => what)).toEqual(["raised"]);
  }
});

test("three cases that are put to one another in a ring at once: never a chain, never a deadlock", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [a = "", b = "", c = ""] = (await raise(3)).map(({ id }) => id);
    const answers = await Promise.all([put(one, a, b), put(other, b, c), put(one, c, a)]);
    const refused = answers.filter(({ ok }) => !ok).map(({ status }) => status);
    expect(refused).toEqual([409, 409]);
    const details = await Promise.all([a, b, c].map(read));
    expect(details.filter(({ mergedInto }) => mergedInto !== undefined)).toHaveLength(1);
  }
});

test("cases are put together while the engine writes of both: neither waits for the other for ever", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [first, second] = (await raise(2)).toSorted((x, y) => (x.id < y.id ? -1 : 1));
    if (first === undefined || second === undefined) throw new Error("expected two cases");
    // In the order that would meet the other half-way.
    const further = [second, first].map(({ found }) => suspicion("replace", found.credential));
    const now = server.clock.now();
    const judged = { sinceEpoch: 1, found: new Set<string>(), now };
    const [answer] = await Promise.all([
      put(one, first.id, second.id),
      storeCases(server.db, further, now),
      markExplained(server.db, judged),
    ]);
    expect(answer.status).toBe(200);
    expect(await read(first.id)).toMatchObject({ mergedInto: second.id });
  }
});
