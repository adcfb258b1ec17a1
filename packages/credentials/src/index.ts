/**
 * Card credentials: channels, card protocols and what a presented card proves. Runs in any JavaScript runtime;
 * cryptography comes in as `Primitives`. `./node` adds PC/SC and APDU sockets.
 */
export * from "./apdu/apdu.ts";
export * from "./card/authenticate-application.ts";
export * from "./card/authenticate-card.ts";
export * from "./card/card-layout.ts";
export * from "./card/card-presentation.ts";
export * from "./card/card-version.ts";
export * from "./card/credential-key.ts";
export * from "./card/identify-card.ts";
export * from "./channel/apdu-socket-frame.ts";
export * from "./channel/card-channel.ts";
export * from "./channel/software-card.ts";
export * from "./credential-error.ts";
export * from "./desfire/native-framing.ts";
export * from "./ev2/authentication.ts";
export * from "./ev2/diversification.ts";
export * from "./ev2/secure-session.ts";
export * from "./ev2/session-cipher.ts";
export * from "./legacy/osdp-raw.ts";
export * from "./legacy/wiegand.ts";
export * from "./lrp/lrp.ts";
export * from "./lrp/lrp-authentication.ts";
export * from "./sdm/sdm-crypto.ts";
export * from "./sdm/sun-layout.ts";
export * from "./sdm/sun-verification.ts";
