/**
 * What needs Node: APDU sockets, PC/SC readers through pcscd's own socket, PINs, for their slow hash, and a desk that
 * personalises cards.
 */
export * from "./apdu-socket.ts";
export * from "./desk-journal.ts";
export { nodeDesk } from "./node-desk.ts";
export type { PcscReaderState } from "./pcsc/messages.ts";
export { PCSC_SOCKET_PATH } from "./pcsc/messages.ts";
export * from "./pcsc/pcsc.ts";
export * from "./pin.ts";
export * from "./plate.ts";
