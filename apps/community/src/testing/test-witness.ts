import * as crypto from "@menshen/crypto/node";
import { type NoteKey, noteKey, parseVerifierKey } from "@menshen/evidence";
import {
  type LogWitness,
  makeWitness,
  openWitnessStore,
  serveWitness,
  type Witness,
} from "@menshen/evidence/node";
import { closeAfterwards } from "@menshen/testkit/close-afterwards";

/** A witness that listens on loopback. It refuses everything until it is told which log to watch. */
export interface TestWitness {
  readonly address: LogWitness;
  readonly watch: (logVerifierKey: string) => void;
  /** Cosigns something by another way than the log's own question. */
  readonly ask: (request: Uint8Array) => number;
  readonly silence: () => void;
}

export async function startTestWitness(body: string, nowSeconds: () => number): Promise<TestWitness> {
  const name = `${body}.example/witness`;
  const secretKey = crypto.randomBytes(32);
  const { publicKey } = crypto.ed25519FromSecret(secretKey);
  const key = noteKey(crypto.sha256, { name, type: "ed25519-cosignature", publicKey });
  const store = openWitnessStore(":memory:");
  const make = (logs: readonly NoteKey[]) => makeWitness({ name, secretKey, logs, store, nowSeconds });
  let current: Witness = make([]);
  let silent = false;
  const server = await serveWitness({
    witness: {
      verifierKey: current.verifierKey,
      addCheckpoint(request) {
        if (silent) throw new Error("silent");
        return current.addCheckpoint(request);
      },
    },
    host: "127.0.0.1",
    port: 0,
    onFault: () => {},
  });
  closeAfterwards(() => server.stop());
  return {
    address: { body, key, url: `http://127.0.0.1:${server.port}` },
    watch(logVerifierKey) {
      silent = false;
      const parsed = parseVerifierKey(crypto.sha256, logVerifierKey);
      if (!parsed.parsed) throw new Error("expected a verifier key");
      current = make([parsed.key]);
    },
    ask: (request) => current.addCheckpoint(request).status,
    silence() {
      silent = true;
    },
  };
}
