/**
 * - `profile-invalid`: a card's description is not of the documented form;
 * - `card-refused`: a card did not take what personalisation wanted to write.
 */
export type VirtualDeviceErrorCode = "profile-invalid" | "card-refused";

/** The one error class of `@menshen/virtual-devices`. Messages hold no key and no identifier. */
export class VirtualDeviceError extends Error {
  override readonly name = "VirtualDeviceError";
  readonly code: VirtualDeviceErrorCode;

  constructor(code: VirtualDeviceErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
