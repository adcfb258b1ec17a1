import { ed25519FromSecret, fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { attendCeremony, authorizeRequest, type CeremonyBoard, parseCustodianSet } from "@menshen/custody";
import {
  type BodyOf,
  type CeremonyView,
  type CustodianStandingView,
  custodianEndpoints,
  custodianMotionEndpoints,
  type Endpoint,
  fillPath,
  type Problem,
  type ResponseOf,
} from "@menshen/wire";
import type { TestServer } from "../../testing/test-server.ts";

export const BODIES = ["committee", "property", "city"] as const;

type Answer<E extends Endpoint> =
  | { readonly ok: true; readonly body: ResponseOf<E> }
  | { readonly ok: false; readonly problem: Problem };

/** A custodian's program that speaks to a server by injected, signed requests. */
export interface TestCustodian {
  readonly seed: Uint8Array;
  readonly identityKey: string;
  readonly ask: <E extends Endpoint>(
    endpoint: E,
    input?: {
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: string;
      readonly body?: BodyOf<E>;
      /** Signed in place of the server's time. */
      readonly timeMs?: number;
      readonly nonce?: Uint8Array;
      /** Sent in place of what was signed. */
      readonly sent?: string;
    },
  ) => Promise<Answer<E>>;
}

export function makeCustodian(server: TestServer, fill: number): TestCustodian {
  const seed = new Uint8Array(32).fill(fill);
  return {
    seed,
    identityKey: toHex(ed25519FromSecret(seed).publicKey),
    async ask(endpoint, input = {}) {
      const url = fillPath(endpoint.path, input.params ?? {}) + (input.query ?? "");
      const payload = input.body === undefined ? undefined : JSON.stringify(input.body);
      const response = await server.app.inject({
        method: endpoint.method,
        url,
        headers: {
          host: "localhost:8080",
          authorization: authorizeRequest({
            method: endpoint.method,
            path: url,
            body: new TextEncoder().encode(payload ?? ""),
            secretKey: seed,
            timeMs: input.timeMs ?? server.clock.now(),
            nonce: input.nonce ?? randomBytes(16),
          }),
          ...(payload === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(payload === undefined ? {} : { payload: input.sent ?? payload }),
      });
      const body = response.body === "" ? null : response.json();
      return response.statusCode < 400 ? { ok: true, body } : { ok: false, problem: body };
    },
  };
}

/** The body of a success; throws for a refusal. */
export async function must<T>(
  answer: Promise<{ ok: true; body: T } | { ok: false; problem: Problem }>,
): Promise<T> {
  const result = await answer;
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.body;
}

/** The code of a refusal; throws for a success. */
export async function codeOf(
  answer: Promise<{ ok: true } | { ok: false; problem: Problem }>,
): Promise<string> {
  const result = await answer;
  if (result.ok) throw new Error("expected a refusal");
  return result.problem.code;
}

/** Lets a custodian take part in the ceremony that stands, or calls one. */
export async function attend(
  custodian: TestCustodian,
  options: {
    /** Makes the key of its ballots. */
    readonly motionId?: string;
    readonly keep?: Parameters<typeof attendCeremony>[0]["keep"];
  } = {},
) {
  const { ask } = custodian;
  const standing: CustodianStandingView = await must(ask(custodianEndpoints.standing));
  const set = parseCustodianSet(fromHex(standing.sets.at(-1)?.encoded ?? ""));
  const index = set.members.findIndex(({ identityKey }) => toHex(identityKey) === custodian.identityKey) + 1;
  const { motionId, keep = async () => {} } = options;
  const view: CeremonyView = await must(
    motionId === undefined
      ? ask(custodianEndpoints.startCeremony)
      : ask(custodianMotionEndpoints.startCeremony, { params: { id: motionId } }),
  );
  const params = { id: view.id };
  const { ceremonyId } = await must(ask(custodianEndpoints.table, { params }));
  const board: CeremonyBoard = {
    async look(after) {
      const table = await must(ask(custodianEndpoints.table, { params, query: `?after=${after}` }));
      return {
        state: table.ceremony.state,
        seats: table.seats.map((seat) => ({
          index: seat.index,
          publicKey: fromHex(seat.publicKey),
          signature: fromHex(seat.signature),
          ...(seat.vouch === undefined ? {} : { vouch: fromHex(seat.vouch) }),
        })),
        messages: table.messages.map(({ position, message }) => ({ position, message: fromHex(message) })),
      };
    },
    async sit(publicKey, signature) {
      const body = { publicKey: toHex(publicKey), signature: toHex(signature) };
      await must(ask(custodianEndpoints.sit, { params, body }));
    },
    async say(message) {
      await must(ask(custodianEndpoints.say, { params, body: { message: toHex(message) } }));
    },
    async report({ reason, custodians }) {
      await must(ask(custodianEndpoints.fail, { params, body: { reason, custodians: [...custodians] } }));
    },
    async finish(certificate, vouch) {
      const body = { certificate: toHex(certificate), vouch: toHex(vouch) };
      await must(ask(custodianEndpoints.finish, { params, body }));
    },
  };
  return attendCeremony({
    board,
    call: {
      id: fromHex(ceremonyId),
      threshold: { k: set.threshold, n: set.members.length },
      firstEpoch: view.firstEpoch,
      epochCount: view.epochCount,
    },
    set,
    index,
    secretKey: custodian.seed,
    keep,
    random: randomBytes,
    pause: () => new Promise((resolve) => setTimeout(resolve, 50)),
    looks: { gathering: 3_000, running: 3_000 },
  });
}
