import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argon2id, fromHex, RistrettoElement, randomBytes, toHex } from "@menshen/crypto/node";
import {
  authorizeRequest,
  beginCeremony,
  makeCeremonyKey,
  openStore,
  parseCustodianSet,
  placeIn,
  signSeat,
} from "@menshen/custody";
import { type BodyOf, custodianEndpoints, type Endpoint, fillPath, type ResponseOf } from "@menshen/wire";

/**
 * A custodian's program of another make: sits down with its body's identity and then signs two contributions where one is
 * due, so that the others would get different keys.
 */
const [, , directory = "", passphrase = ""] = process.argv;
const opened = await openStore(
  new Uint8Array(readFileSync(join(directory, "shares"))),
  { by: "passphrase", passphrase },
  argon2id,
);
if (!opened.opened) throw new Error(opened.refusal);
const { contents } = opened.store;
const server = readFileSync(join(directory, "server"), "utf8").trim();

async function ask<E extends Endpoint>(
  endpoint: E,
  params: Readonly<Record<string, string>>,
  body?: BodyOf<E>,
): Promise<ResponseOf<E>> {
  const path = fillPath(endpoint.path, params);
  const text = body === undefined ? "" : JSON.stringify(body);
  const authorization = authorizeRequest({
    method: endpoint.method,
    path,
    body: new TextEncoder().encode(text),
    secretKey: contents.identitySeed,
    timeMs: Date.now(),
    nonce: randomBytes(16),
  });
  const response = await fetch(new URL(path, server), {
    method: endpoint.method,
    headers: { authorization, ...(text === "" ? {} : { "content-type": "application/json" }) },
    ...(text === "" ? {} : { body: text }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return JSON.parse(answer === "" ? "null" : answer);
}

const standing = await ask(custodianEndpoints.standing, {});
const set = parseCustodianSet(fromHex(standing.sets.at(-1)?.encoded ?? ""));
const index = placeIn(contents, set) ?? 0;
const ceremony = await ask(custodianEndpoints.startCeremony, {});
const params = { id: ceremony.id };
const first = await ask(custodianEndpoints.table, params);
const call = {
  id: fromHex(first.ceremonyId),
  threshold: { k: set.threshold, n: set.members.length },
  firstEpoch: ceremony.firstEpoch,
  epochCount: ceremony.epochCount,
};
const own = makeCeremonyKey(randomBytes);
await ask(custodianEndpoints.sit, params, {
  publicKey: toHex(own.publicKey.toBytes()),
  signature: toHex(signSeat(contents.identitySeed, call, index, own.publicKey)),
});
let table = await ask(custodianEndpoints.table, params);
while (table.ceremony.state === "gathering") {
  await new Promise((resolve) => setTimeout(resolve, 100));
  table = await ask(custodianEndpoints.table, params);
}
const setup = {
  ...call,
  custodians: table.seats.flatMap(({ publicKey }) => RistrettoElement.parse(fromHex(publicKey)) ?? []),
};
for (let lie = 0; lie < 2; lie += 1) {
  const { send } = beginCeremony({ setup, secretKey: own.secretKey, random: randomBytes });
  for (const message of send) await ask(custodianEndpoints.say, params, { message: toHex(message) });
}
