import { PORTAL } from "./test-site.ts";

/** What a portal without door rules adds to what a test says of it. */
export const PLAIN_PORTAL = {
  portalId: PORTAL,
  hasContact: true,
  hasPassage: false,
  isHeldByTap: () => false,
  isSecure: () => true,
  isOpen: () => false,
  isFireInputOn: () => false,
  holdFor: () => undefined,
  endHold: () => undefined,
} as const;
