// A thread that cleans one uploaded image; see cleaner.ts.

import { parentPort, workerData } from "node:worker_threads";
import { CommunityError } from "../../errors.ts";
import { cleanImage } from "./clean-image.ts";

const port = parentPort;
if (port === null) throw new CommunityError("internal", "images are cleaned in a worker thread");
const bytes: Uint8Array = workerData;
port.postMessage(cleanImage(bytes));
