import { ed25519FromSecret, fromHex, randomBytes, toHex } from "@menshen/crypto/node";
import { type Attendance, attendCeremony, authorizeRequest, parseCustodianSet } from "@menshen/custody";
import { type BodyOf, custodianEndpoints, type Endpoint, fillPath, type ResponseOf } from "@menshen/wire";

const PAUSE_MS = 200;

/** A custodian's program inside the test: its own keys, over the server's signed operations. */
export interface ProgramCustodian {
  /** Lower-case hexadecimal, as staff appoint it. */
  readonly identityKey: string;
  /** Takes part in the making of keys that others called for, and waits for the call. */
  readonly makeKeys: () => Promise<Attendance>;
}

export function makeProgramCustodian(server: string): ProgramCustodian {
  const seed = randomBytes(32);
  const identityKey = toHex(ed25519FromSecret(seed).publicKey);

  async function ask<E extends Endpoint>(
    endpoint: E,
    input: { params?: Record<string, string>; query?: string; body?: BodyOf<E> } = {},
  ): Promise<ResponseOf<E>> {
    const path = fillPath(endpoint.path, input.params) + (input.query ?? "");
    const body = input.body === undefined ? "" : JSON.stringify(input.body);
    const response = await fetch(server + path, {
      method: endpoint.method,
      headers: {
        authorization: authorizeRequest({
          method: endpoint.method,
          path,
          body: new TextEncoder().encode(body),
          secretKey: seed,
          timeMs: Date.now(),
          nonce: randomBytes(16),
        }),
        ...(body === "" ? {} : { "content-type": "application/json" }),
      },
      ...(body === "" ? {} : { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${endpoint.id}: ${response.status} ${text}`);
    return (text === "" ? null : JSON.parse(text)) as ResponseOf<E>;
  }
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

  return {
    identityKey,
    async makeKeys() {
      let standing = await ask(custodianEndpoints.standing);
      while (standing.ceremony === undefined) {
        await pause();
        standing = await ask(custodianEndpoints.standing);
      }
      const { id, firstEpoch, epochCount } = standing.ceremony;
      const set = parseCustodianSet(fromHex(standing.sets.at(-1)?.encoded ?? ""));
      const params = { id };
      const { ceremonyId } = await ask(custodianEndpoints.table, { params });
      return attendCeremony({
        board: {
          look: async (after) => {
            const table = await ask(custodianEndpoints.table, { params, query: `?after=${after}` });
            return {
              state: table.ceremony.state,
              seats: table.seats.map(({ index, publicKey, signature, vouch }) => ({
                index,
                publicKey: fromHex(publicKey),
                signature: fromHex(signature),
                ...(vouch === undefined ? {} : { vouch: fromHex(vouch) }),
              })),
              messages: table.messages.map(({ position, message }) => ({
                position,
                message: fromHex(message),
              })),
            };
          },
          sit: async (publicKey, signature) => {
            const body = { publicKey: toHex(publicKey), signature: toHex(signature) };
            await ask(custodianEndpoints.sit, { params, body });
          },
          say: async (message) => {
            await ask(custodianEndpoints.say, { params, body: { message: toHex(message) } });
          },
          report: async ({ reason, custodians }) => {
            const body = { reason, custodians: [...custodians] };
            await ask(custodianEndpoints.fail, { params, body });
          },
          finish: async (certificate, vouch) => {
            const body = { certificate: toHex(certificate), vouch: toHex(vouch) };
            await ask(custodianEndpoints.finish, { params, body });
          },
        },
        call: {
          id: fromHex(ceremonyId),
          threshold: { k: set.threshold, n: set.members.length },
          firstEpoch,
          epochCount,
        },
        set,
        index: set.members.findIndex((member) => toHex(member.identityKey) === identityKey) + 1,
        secretKey: seed,
        keep: async () => undefined,
        random: randomBytes,
        pause,
        looks: { gathering: 300, running: 300 },
      });
    },
  };
}
