/// <reference lib="webworker" />
import { serveShell } from "@menshen/ui/shell-worker";

declare const self: ServiceWorkerGlobalScope;

serveShell(self, "public", ["seal.svg"]);
