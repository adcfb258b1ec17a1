/** Names under which a community's server and a desk's own tools keep the same keys. */
export const CARD_MASTER = { desfire: "card-master-desfire", ntag424: "card-master-ntag424" } as const;

/** Under which every card that hides its number tells it. `shared`, or at desks without a server a master that it comes from. */
export const CARD_PRIVACY = "card-privacy";

/** `shared`: without it a PIN's credential key says nothing of its digits. */
export const PIN_PEPPER = "pin-pepper";
