export { makePasskeyStore, type PasskeyStore, type StoredPasskey } from "./passkey-store.ts";
export {
  makePasskeys,
  type NewPasskey,
  type PasskeyAnswer,
  type PasskeyChallenge,
  type WebauthnSettings,
} from "./passkeys.ts";
