import { randomBytes, sha256 } from "@menshen/crypto/node";
import { parseVerifierKey } from "@menshen/evidence";
import { makeWitness, openWitnessStore, serveWitness, type Witness } from "@menshen/evidence/node";
import type { Api } from "@menshen/testkit/system";
import { witnessEndpoints } from "@menshen/wire";

/** A witness of the city's, registered; from now on one cosignature is asked for. */
export async function addCityWitness(
  api: Api,
): Promise<{ readonly witness: Witness; readonly stop: () => Promise<void> }> {
  const { logKey } = await api.call(witnessEndpoints.list, {});
  const log = parseVerifierKey(sha256, logKey);
  if (!log.parsed) throw new Error("expected a verifier key");
  const witness = makeWitness({
    name: "city.example/witness",
    secretKey: randomBytes(32),
    logs: [log.key],
    store: openWitnessStore(":memory:"),
    nowSeconds: () => Math.floor(Date.now() / 1_000),
  });
  const server = await serveWitness({ witness, host: "127.0.0.1", port: 0, onFault: () => {} });
  await api.call(witnessEndpoints.add, {
    body: { body: "city", url: `http://127.0.0.1:${server.port}`, key: witness.verifierKey },
  });
  const { settings } = await api.call(witnessEndpoints.list, {});
  await api.call(witnessEndpoints.settings, { body: { ...settings, quorum: 1 } });
  return { witness, stop: () => server.stop() };
}
