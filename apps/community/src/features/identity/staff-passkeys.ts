import { makePasskeyStore } from "@menshen/service-kit/passkeys";

/** Passkeys of staff. */
export const staffPasskeys = makePasskeyStore<{
  readonly transports: readonly string[];
  readonly backed_up: boolean;
}>({
  passkeys: "passkey",
  challenges: "webauthn_challenge",
  owner: "staff_id",
  extra: ["transports", "backed_up"],
});
