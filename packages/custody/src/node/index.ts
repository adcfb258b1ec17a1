/** What takes several threads of Node. */
export { addBallotsInThreads } from "./ballot-threads.ts";
