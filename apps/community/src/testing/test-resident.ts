import { ed25519FromSecret, ed25519Sign, randomBytes, toHex } from "@menshen/crypto/node";
import { tidyCrockford } from "@menshen/domain";
import {
  ownResidencyEndpoints,
  personEndpoints,
  type ResidencyEnd,
  residencyEndTexts,
  residentEndpoints,
  residentInvitationEndpoints,
  residentTexts,
} from "@menshen/wire";
import type { TestClient, TestServer } from "./test-server.ts";

/** Somebody with the resident app, signed in. */
export interface TestResident {
  readonly personId: string;
  readonly client: TestClient;
  /** Hexadecimal, as the server knows them. */
  readonly keys: { readonly authKey: string; readonly trailKey: string };
  /** Signs a text with the resident's own key; hexadecimal. */
  readonly sign: (text: string) => string;
  /** A fresh challenge, and the signature over the text for it. */
  readonly signOnce: (
    textOf: (challenge: string, communityId: string) => string,
  ) => Promise<{ readonly challenge: string; readonly signature: string }>;
}

/**
 * Invites a person and joins for them.
 *
 * @param operate may write homes
 */
export async function joinResident(
  server: TestServer,
  operate: TestClient,
  personId: string,
): Promise<TestResident> {
  const { community } = await server.visitor().call(residentEndpoints.session);
  const key = ed25519FromSecret(randomBytes(32));
  const keys = { authKey: toHex(key.publicKey), trailKey: toHex(randomBytes(32)) };
  const sign = (text: string) => toHex(ed25519Sign(key.secretKey, new TextEncoder().encode(text)));
  const { code } = await operate.call(residentInvitationEndpoints.create, {
    params: { id: personId },
    reason: { code: "resident-request" },
  });
  const text = residentTexts.join(community.id, keys, tidyCrockford(code) ?? "");
  const client = server.visitor();
  await client.call(residentEndpoints.join, { body: { code, ...keys, signature: sign(text) } });
  return {
    personId,
    client,
    keys,
    sign,
    async signOnce(textOf) {
      const { challenge } = await client.call(residentEndpoints.challenge, {
        body: { authKey: keys.authKey },
      });
      return { challenge, signature: sign(textOf(challenge, community.id)) };
    },
  };
}

/** A resident moves out by themselves, at the end of so many days from today. */
export async function leaveHome(
  { client, signOnce }: Pick<TestResident, "client" | "signOnce">,
  residencyId: string,
  inDays = 0,
): Promise<ResidencyEnd> {
  const signed = await signOnce((challenge, communityId) =>
    residencyEndTexts.leave(communityId, residencyId, inDays, challenge),
  );
  return client.call(ownResidencyEndpoints.leave, {
    params: { id: residencyId },
    body: { inDays, ...signed },
  });
}

/**
 * A resident leaves by themselves, and the desk removes them.
 *
 * @param operate may write homes
 */
export async function leave(
  resident: Pick<TestResident, "client" | "personId" | "signOnce">,
  operate: TestClient,
): Promise<void> {
  const { client, personId } = resident;
  const { items } = await client.call(ownResidencyEndpoints.list);
  for (const { id } of items) await leaveHome(resident, id);
  await operate.call(personEndpoints.remove, { params: { id: personId } });
}
