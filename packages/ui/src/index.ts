export * from "./fill-text.ts";
export * from "./grade-mark.tsx";
export * from "./moment.tsx";
export * from "./preferences.tsx";
export * from "./state-mark.tsx";
