/** What needs Node: APDU sockets, and PC/SC readers through pcscd's own socket. */
export * from "./apdu-socket.ts";
export type { PcscReaderState } from "./pcsc/messages.ts";
export { PCSC_SOCKET_PATH } from "./pcsc/messages.ts";
export * from "./pcsc/pcsc.ts";
