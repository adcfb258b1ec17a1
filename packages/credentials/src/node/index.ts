/** What needs Node: APDU sockets and PC/SC. */
export * from "./apdu-socket.ts";
