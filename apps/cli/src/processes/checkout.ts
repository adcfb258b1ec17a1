import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The Node that this repository pins; the bin file has handed over to it. */
export const PINNED_NODE = fileURLToPath(new URL("../../../../node_modules/node/bin/node", import.meta.url));

/** Where the installed packages lie: the pinned Node is one of them. */
export const PACKAGES = dirname(dirname(dirname(PINNED_NODE)));

/** The repository's own folder. */
export const CHECKOUT = dirname(PACKAGES);
