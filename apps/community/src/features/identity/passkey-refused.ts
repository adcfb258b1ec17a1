import { refusal } from "../../errors.ts";

/** Says the same whatever was wrong. */
export function passkeyRefused(cause?: unknown) {
  const error = refusal("passkey-refused", "this passkey was not accepted");
  if (cause !== undefined) error.cause = cause;
  return error;
}
