import { concatBytes, hmacSha256, toHex } from "@menshen/crypto/node";
import { PLATE_EVENT_MAC_CONTEXT, PLATE_EVENT_PATH, type PlateEvent } from "@menshen/wire";

/** One request of a camera, as bytes. */
export interface PlateRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A camera at a vehicle barrier: it numbers its events and proves to be itself (docs/protocol/plates.md). */
export interface PlateCamera {
  /** A plate that it read. `confidence` in percent, `at` in Unix milliseconds. */
  read(plate: string, at: number, confidence?: number): PlateRequest;
  /** That it is there. */
  heartbeat(at: number): PlateRequest;
  /** Any body under its secret. */
  signed(body: Uint8Array): PlateRequest;
}

/** @param secret 32 bytes, as the gate has them */
export function makePlateCamera(readerId: string, secret: Uint8Array): PlateCamera {
  let sequence = 0;
  const encoder = new TextEncoder();
  const signed = (body: Uint8Array): PlateRequest => {
    const mac = hmacSha256(secret, concatBytes(encoder.encode(PLATE_EVENT_MAC_CONTEXT), body));
    return {
      path: PLATE_EVENT_PATH,
      headers: {
        "content-type": "application/json",
        "content-length": String(body.length),
        authorization: `Camera ${readerId} ${toHex(mac)}`,
      },
      body,
    };
  };
  const told = (event: PlateEvent) => signed(encoder.encode(JSON.stringify(event)));
  return {
    signed,
    read: (plate, at, confidence = 97) => told({ version: 1, sequence: ++sequence, at, plate, confidence }),
    heartbeat: (at) => told({ version: 1, sequence: ++sequence, at }),
  };
}
