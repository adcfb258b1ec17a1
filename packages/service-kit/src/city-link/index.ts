export * from "./city-client.ts";
export * from "./community-requests.ts";
export * from "./errors.ts";
export * from "./numbers.ts";
export * from "./weeks.ts";
