export { installerRoutes } from "./installer.routes.ts";
export { type InstallerService, makeInstallerService } from "./installer.service.ts";
