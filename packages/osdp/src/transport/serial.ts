import { SerialPort } from "serialport";
import type { ByteStream } from "./byte-stream.ts";
import { type Carrier, makeCarriedStream } from "./link.ts";

/** Opens a serial port or PTY, 8N1, and opens it again `retryMs` after each loss or failure, until closed. */
export function openSerial(path: string, baudRate: number, retryMs: number): ByteStream {
  return makeCarriedStream((events) => {
    let stopped = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let port: SerialPort | undefined;

    const again = () => {
      port = undefined;
      if (!stopped) retry = setTimeout(open, retryMs);
    };
    const open = () => {
      const opening = new SerialPort({ path, baudRate, autoOpen: false });
      port = opening;
      const carrier: Carrier = {
        write: (bytes) => {
          opening.write(bytes);
        },
        destroy: () => {
          if (opening.isOpen) opening.close();
        },
      };
      opening.on("data", (bytes: Uint8Array) => events.received(carrier, bytes));
      // A read or write error is followed by close, which is where the loss is handled.
      opening.on("error", () => undefined);
      opening.on("close", () => {
        events.closed(carrier);
        again();
      });
      opening.open((error) => {
        if (error !== null) again();
        else if (stopped) opening.close();
        else events.opened(carrier);
      });
    };
    open();

    return () =>
      new Promise((resolve) => {
        stopped = true;
        clearTimeout(retry);
        if (port?.isOpen) port.close(() => resolve());
        else resolve();
      });
  });
}
