/**
 * Card credentials: channels, card protocols and what a presented card proves. Runs in any JavaScript runtime;
 * cryptography comes in as `Primitives`. `./node` adds PC/SC and APDU sockets.
 */
export * from "./apdu/apdu.ts";
export * from "./channel/apdu-socket-frame.ts";
export * from "./channel/card-channel.ts";
export * from "./channel/software-card.ts";
export * from "./credential-error.ts";
export * from "./desfire/native-framing.ts";
export * from "./ev2/diversification.ts";
