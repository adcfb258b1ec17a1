/** Where a demonstration listens on loopback if nobody else does; otherwise it takes any free port. */
export const DEMO_PORTS = { console: 8480, gates: 8481, mqtt: 8482, kiosk: 8483 } as const;
