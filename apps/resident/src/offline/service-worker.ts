/// <reference lib="webworker" />
import { serveShell } from "@menshen/ui/shell-worker";

declare const self: ServiceWorkerGlobalScope;

serveShell(self, "resident", ["seal.svg"]);
