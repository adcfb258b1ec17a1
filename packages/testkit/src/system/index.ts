export * from "./api.ts";
export * from "./custodian-programs.ts";
export * from "./field.ts";
export * from "./gate-state.ts";
export * from "./processes.ts";
export * from "./second-person.ts";
export * from "./servers.ts";
export * from "./site.ts";
