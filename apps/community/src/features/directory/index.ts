export { type Directory, makeDirectory, type PortalEntry } from "./directory.ts";
