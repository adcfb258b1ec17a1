import { ed25519FromSecret, fromHex, RistrettoElement, randomBytes, toHex } from "@menshen/crypto/node";
import {
  type Attendance,
  addShares,
  answerTally,
  attendCeremony,
  authorizeRequest,
  beginCeremony,
  type CeremonyKey,
  endorse,
  makeCeremonyKey,
  parseCustodianSet,
  type StoreContents,
  signSeat,
} from "@menshen/custody";
import {
  type BodyOf,
  custodianEndpoints,
  custodianMotionEndpoints,
  custodianOpeningEndpoints,
  type Endpoint,
  fillPath,
  publicMotionEndpoints,
  type ResponseOf,
} from "@menshen/wire";

const PAUSE_MS = 200;

/** A custodian's program inside the test: its own keys, over the server's signed operations. */
export interface ProgramCustodian {
  /** Lower-case hexadecimal, as staff appoint it. */
  readonly identityKey: string;
  /** Calls the others to make keys, or finds them called. */
  readonly call: () => Promise<void>;
  /** Takes part in the making of keys that others called for, and waits for the call. */
  readonly makeKeys: () => Promise<Attendance>;
  /** Waits for the call, sits down and is never heard of again. */
  readonly vanish: () => Promise<void>;
  /** Waits for the call and for all to sit, and signs two contributions where one is due: the others get different keys. */
  readonly lie: () => Promise<void>;
  /** Answers nothing to a request. */
  readonly refuse: (openingId: string) => Promise<void>;
  /** Signs the set that waits to take the place of the present one. */
  readonly endorse: () => Promise<void>;
  /** Gives its share of opening the sums of a secret vote whose key it helped to make last. */
  readonly giveShare: (motionId: string) => Promise<void>;
}

/** @param seed of its identity key, 32 bytes */
export function makeProgramCustodian(server: string, seed: Uint8Array = randomBytes(32)): ProgramCustodian {
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
  let made: Pick<Extract<Attendance, { finished: true }>["outcome"], "keys" | "shares"> | undefined;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

  /** The ceremony to which the others call, and this program's place at it. */
  async function called() {
    let standing = await ask(custodianEndpoints.standing);
    while (standing.ceremony === undefined) {
      await pause();
      standing = await ask(custodianEndpoints.standing);
    }
    const { id, firstEpoch, epochCount } = standing.ceremony;
    const set = parseCustodianSet(fromHex(standing.sets.at(-1)?.encoded ?? ""));
    const params = { id };
    const { ceremonyId } = await ask(custodianEndpoints.table, { params });
    return {
      params,
      set,
      call: {
        id: fromHex(ceremonyId),
        threshold: { k: set.threshold, n: set.members.length },
        firstEpoch,
        epochCount,
      },
      index: set.members.findIndex((member) => toHex(member.identityKey) === identityKey) + 1,
    };
  }
  type Called = Awaited<ReturnType<typeof called>>;

  async function sitDown({ call, index, params }: Called): Promise<CeremonyKey> {
    const own = makeCeremonyKey(randomBytes);
    const signature = toHex(signSeat(seed, call, index, own.publicKey));
    await ask(custodianEndpoints.sit, {
      params,
      body: { publicKey: toHex(own.publicKey.toBytes()), signature },
    });
    return own;
  }

  return {
    identityKey,
    async call() {
      await ask(custodianEndpoints.startCeremony);
    },
    async vanish() {
      await sitDown(await called());
    },
    async lie() {
      const place = await called();
      const { call, params } = place;
      const own = await sitDown(place);
      let table = await ask(custodianEndpoints.table, { params });
      while (table.ceremony.state === "gathering") {
        await pause();
        table = await ask(custodianEndpoints.table, { params });
      }
      const custodians = table.seats.flatMap(
        ({ publicKey }) => RistrettoElement.parse(fromHex(publicKey)) ?? [],
      );
      for (let lie = 0; lie < 2; lie += 1) {
        const { send } = beginCeremony({
          setup: { ...call, custodians },
          secretKey: own.secretKey,
          random: randomBytes,
        });
        for (const message of send)
          await ask(custodianEndpoints.say, { params, body: { message: toHex(message) } });
      }
    },
    async refuse(openingId) {
      const body = { reason: "document-doubtful" } as const;
      await ask(custodianOpeningEndpoints.refuse, { params: { id: openingId }, body });
    },
    async endorse() {
      const { sets, waiting } = await ask(custodianEndpoints.standing);
      const [previous, next] = [sets.at(-1), waiting].map((shown) =>
        parseCustodianSet(fromHex(shown?.encoded ?? "")),
      );
      if (previous === undefined || next === undefined) throw new Error("no set waits");
      const { signature } = endorse({ previous, next, secretKey: seed });
      await ask(custodianEndpoints.endorse, {
        body: { version: next.version, signature: toHex(signature) },
      });
    },
    async giveShare(motionId) {
      const path = fillPath(publicMotionEndpoints.recount.path, { id: motionId });
      const recount: ResponseOf<typeof publicMotionEndpoints.recount> = await (
        await fetch(server + path)
      ).json();
      const empty: StoreContents = {
        identitySeed: seed,
        communityId: recount.communityId,
        grid: { anchorMs: 0, epochMs: 1 },
        log: { origin: "", logKey: "", witnesses: [], quorum: 0 },
        retentionDays: 0,
        shares: [],
        receipts: [],
        answered: [],
        latestMs: 0,
      };
      const answered = await answerTally({
        contents: addShares(empty, motionId, made?.keys ?? [], made?.shares ?? [], motionId),
        recount,
        entryAt: async (index) => {
          const proof = await (await fetch(`${server}/log/proof/${index}`)).text();
          return new Uint8Array(Buffer.from(/^extra (.+)$/m.exec(proof)?.[1] ?? "", "base64"));
        },
        random: randomBytes,
        pause,
      });
      if (!answered.answered) throw new Error(answered.refusal);
      await ask(custodianMotionEndpoints.giveShare, {
        params: { id: motionId },
        body: { share: toHex(answered.share) },
      });
    },
    async makeKeys() {
      const { call, index, params, set } = await called();
      return attendCeremony({
        board: {
          look: async (after) => {
            const table = await ask(custodianEndpoints.table, { params, query: `?after=${after}` });
            return {
              state: table.ceremony.state,
              seats: table.seats.map((seat) => ({
                index: seat.index,
                publicKey: fromHex(seat.publicKey),
                signature: fromHex(seat.signature),
                ...(seat.vouch === undefined ? {} : { vouch: fromHex(seat.vouch) }),
                ...(seat.objection === undefined ? {} : { objection: fromHex(seat.objection) }),
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
          report: async ({ reason, custodians }, objection) => {
            const body = {
              reason,
              custodians: [...custodians],
              ...(objection === undefined ? {} : { objection: toHex(objection) }),
            };
            await ask(custodianEndpoints.fail, { params, body });
          },
          finish: async (certificate, vouch) => {
            const body = { certificate: toHex(certificate), vouch: toHex(vouch) };
            await ask(custodianEndpoints.finish, { params, body });
          },
        },
        call,
        set,
        index,
        secretKey: seed,
        keep: async (outcome) => {
          made = outcome;
        },
        random: randomBytes,
        pause,
        looks: { gathering: 300, running: 300 },
      });
    },
  };
}
