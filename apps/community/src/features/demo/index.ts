export { type DemoTarget, demoRoutes } from "./demo.routes.ts";
