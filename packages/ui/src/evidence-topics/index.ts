export { evidenceTopicsEn } from "./texts-en.ts";
export { evidenceTopicsZh } from "./texts-zh-CN.ts";
