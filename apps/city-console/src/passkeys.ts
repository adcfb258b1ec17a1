import { citySessionEndpoints, officerPasskeyEndpoints } from "@menshen/wire";
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import { call, Refused } from "./api.ts";

/** What the browser's own window ended in; `passkey-refused` where nothing came of it. */
async function ask(open: () => Promise<object>): Promise<Record<string, unknown>> {
  const response = await open().catch((error: unknown) => {
    // Closed by the officer, timed out, or one that this device has already.
    const isKnown = error instanceof Error && error.name === "InvalidStateError";
    throw new Refused(isKnown ? "passkey-known" : "passkey-refused");
  });
  return response as Record<string, unknown>;
}

/** Makes a passkey on this device for whoever is signed in. Throws {@link Refused}. */
export async function registerPasskey(name: string): Promise<void> {
  const { challengeId, options } = await call(officerPasskeyEndpoints.options);
  const optionsJSON = options as unknown as Parameters<typeof startRegistration>[0]["optionsJSON"];
  const response = await ask(() => startRegistration({ optionsJSON }));
  await call(officerPasskeyEndpoints.register, { body: { challengeId, response, name } });
}

/** Signs in with a passkey of this device. Throws {@link Refused}. */
export async function signInByPasskey(): Promise<void> {
  const { challengeId, options } = await call(citySessionEndpoints.passkeyOptions);
  const optionsJSON = options as unknown as Parameters<typeof startAuthentication>[0]["optionsJSON"];
  const response = await ask(() => startAuthentication({ optionsJSON }));
  await call(citySessionEndpoints.signInWithPasskey, { body: { challengeId, response } });
}
